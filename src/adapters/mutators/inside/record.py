"""Runs the tests with pytest, and notes with what the functions and classes of the changed files are called, and which lines
are run. What it notes is of the tested code's own making: nobody believes it who does not hold it against what the tests catch."""

import ast
import functools
import json
import os
import sys
import types
from importlib.machinery import SourceFileLoader

import coverage
import pytest

CALLS_LIMIT = 400
STEPS_LIMIT = 30
CALL_LIMIT_CHARS = 16_000

depth = 0  # what the code calls of itself is no call of the tests
noted = []  # [file, module, name, what it is called with, in its order]
sessions = {}  # of each object: itself, that it may keep its number, and what is done with it


def plain(value):
    """As text from which it can be made again; None for what is more than data."""
    try:
        text = repr(value)
        return text if len(text) <= CALL_LIMIT_CHARS and repr(ast.literal_eval(text)) == text else None
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def guarded(function, note):
    @functools.wraps(function)
    def stand_in(*args, **named):
        global depth
        if depth == 0:
            note(args, named)
        depth += 1
        try:
            return function(*args, **named)
        finally:
            depth -= 1

    return stand_in


def of_function(function, file, module, name):
    def note(args, named):
        values = [plain(value) for value in (*args, *named.values())]
        if None not in values and len(noted) < CALLS_LIMIT:
            noted.append([file, module, [name, [["", len(args), list(named)]]], values])

    return guarded(function, note)


def of_method(method, file, module, name, step):
    def note(args, named):
        self, *args = args
        if step == "__init__" and type(self).__name__ == name and len(sessions) < CALLS_LIMIT:
            entry = [file, module, [name, []], []]
            noted.append(entry)
            sessions[id(self)] = (self, entry)
        if id(self) not in sessions:
            return
        _, (_, _, (_, steps), values) = sessions[id(self)]
        more = [plain(value) for value in (*args, *named.values())]
        if None in more or len(steps) >= STEPS_LIMIT:
            del sessions[id(self)]  # from here on nobody could do it again
            return
        steps.append([step, len(args), list(named)])
        values.extend(more)

    return guarded(method, note)


def watch(module, file):
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, types.FunctionType):
            setattr(module, name, of_function(value, file, module.__name__, name))
        elif isinstance(value, type) and isinstance(value.__init__, types.FunctionType):
            for step, method in list(vars(value).items()):
                if isinstance(method, types.FunctionType) and (step == "__init__" or not step.startswith("__")):
                    setattr(value, step, of_method(method, file, module.__name__, name, step))


def main():
    with open("/millwright/plan.json", encoding="utf-8") as plan:
        settings = json.load(plan)
    files = {os.path.join("/box", file): file for file in settings["files"]}
    execute = SourceFileLoader.exec_module

    def exec_module(loader, module):
        execute(loader, module)
        file = files.get(os.path.realpath(getattr(module, "__file__", None) or ""))
        if file:
            watch(module, file)

    SourceFileLoader.exec_module = exec_module
    measured = coverage.Coverage(data_file=None, config_file=False)
    sys.path[0] = os.getcwd()
    measured.start()
    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir=/box", "-o", "addopts=", "--", *settings["tests"]])
    measured.stop()
    lines = {file: sorted(measured.get_data().lines(path) or []) for path, file in files.items()}
    calls = [one for one in noted if one[2][1]]
    with open("/tmp/millwright-calls.json", "w", encoding="utf-8") as out:
        json.dump({"calls": calls, "lines": lines, "path": sys.path}, out)


main()
