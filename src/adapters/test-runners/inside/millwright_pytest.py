"""Starts pytest, with a plugin that says what happened, one JSON line an event.

The tested code runs in this process. So each line begins with a word that was read before that code was loaded, two tests
that have to fail go along, and what judges tests is looked at again after each of them.
"""

import ast
import builtins
import importlib
import json
import os
import random
import sys
import types

import pytest

REPORT = 3
TEXT_LIMIT_CHARS = 4_000
JUDGES = """builtins json json.encoder unittest.case pluggy._callers pluggy._hooks pluggy._manager pluggy._result _pytest.assertion
_pytest.assertion.rewrite _pytest.main _pytest.nodes _pytest.outcomes _pytest.python _pytest.reports _pytest.runner
_pytest.skipping _pytest.unittest""".split()


def read_word():
    word = b""
    while not word.endswith(b"\n"):
        more = os.read(0, 100)
        if not more:
            sys.exit("nobody listens")
        word += more
    return word.decode().strip()


def measurement():
    import coverage

    return coverage.Coverage(data_file=None, config_file=False)


def parses(file):
    try:
        with open(file, "rb") as source:
            ast.parse(source.read())
        return True
    except (SyntaxError, ValueError):
        return False


def judges():
    """Everything callable in what judges tests, by name, with its code."""
    found = {}
    for name in JUDGES:
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == name and name != "builtins":
                for inner, method in vars(value).items():
                    if isinstance(method, (types.FunctionType, classmethod, staticmethod, property)):
                        found[f"{name}.{key}.{inner}"] = (method, getattr(method, "__code__", None))
            if callable(value):
                found[f"{name}.{key}"] = (value, getattr(value, "__code__", None))
    return found


def replaced(before):
    now = judges()
    return [name for name, (value, code) in before.items() if now.get(name, (None, None)) != (value, code)]


def cut(text):
    return str(text)[:TEXT_LIMIT_CHARS]


def plugin(word, settings, before, measured):
    lines = 0
    waiting = {}  # tests that were collected and have not ended
    collected_files = set()
    outcomes = {}
    controls = {}
    tampered = set()
    own_process = os.getpid()
    dumps, write = json.dumps, os.write

    def emit(**line):
        nonlocal lines
        if os.getpid() != own_process:
            return
        data = (word + " " + dumps(line) + "\n").encode()
        while data:
            data = data[write(REPORT, data):]
        lines += 1

    def lines_of(file):
        if not file.startswith("/box/"):
            return {"path": file, "total": 0, "covered": 0}
        _, statements, _, missing, _ = measured.analysis2(file)
        return {"path": file, "total": len(statements), "covered": len(statements) - len(missing)}

    def wrong():
        raise AssertionError(f"{random.random()}")

    def unequal():
        assert random.random() == 2

    class Report:
        @pytest.hookimpl(trylast=True)
        def pytest_collectreport(self, report):
            file = report.nodeid.partition("::")[0]
            if report.failed:
                collected_files.add(file)
                emit(event="unloadable", file=file, error=cut(report.longreprtext), syntax=not parses(file))
            elif report.skipped:
                collected_files.add(file)
                emit(event="case", id=report.nodeid, outcome="skipped", line=0, error="")

        def pytest_itemcollected(self, item):
            waiting[item.nodeid] = True
            collected_files.add(item.nodeid.partition("::")[0])

        def pytest_deselected(self, items):
            for item in items:
                if waiting.pop(item.nodeid, None):
                    emit(event="case", id=item.nodeid, outcome="skipped", line=0, error="")

        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_collection_modifyitems(self, items):
            result = yield
            module = next((item.getparent(pytest.Module) for item in items if item.getparent(pytest.Module)), None)
            for callobj in (wrong, unequal) if module else ():
                name = f"test_{random.randrange(1 << 60)}"
                item = pytest.Function.from_parent(module, name=name, callobj=callobj)
                controls[item.nodeid] = "unheard"
                items.insert(random.randrange(len(items) + 1), item)
            return result

        def pytest_runtest_logreport(self, report):
            seen = outcomes.setdefault(report.nodeid, {"outcome": "passed", "error": ""})
            if report.failed:
                seen["outcome"] = "failed"
                seen["error"] = cut(seen["error"] + report.longreprtext)
            elif report.skipped and seen["outcome"] == "passed":
                seen["outcome"] = "skipped"
            if report.when == "teardown":
                tampered.update(replaced(before))
                if report.nodeid in controls:
                    controls[report.nodeid] = outcomes.pop(report.nodeid)["outcome"]
                    return
                waiting.pop(report.nodeid, None)
                line = (report.location[1] or 0) + 1
                emit(event="case", id=report.nodeid, line=line, **outcomes.pop(report.nodeid))

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(self, session):
            tampered.update(replaced(before))
            if measured:
                measured.stop()
                emit(event="coverage", files=[lines_of(file) for file in measured.get_data().measured_files()])
            silent = [file for file in settings["files"] if file not in collected_files]
            charmed = [outcome for outcome in controls.values() if outcome in ("passed", "unheard")]
            emit(
                event="end",
                lines=lines,
                unfinished=list(waiting)[:20],
                silent=silent,
                controls=len(controls),
                charmed=len(charmed),
                tampered=sorted(tampered)[:20],
            )

    return Report()


def main():
    settings = json.loads(os.environ.pop("MILLWRIGHT_PYTEST"))
    os.set_inheritable(REPORT, False)
    word = read_word()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    before = judges()
    measured = measurement() if settings["coverage"] else None
    # Only now, in the place of this file's folder: nothing of the repository stands in for what was imported above.
    sys.path[0] = os.getcwd()
    # And nothing that was installed for it stands in for the standard library.
    dependencies = os.environ.pop("MILLWRIGHT_PYTHON_DEPENDENCIES", None)
    if dependencies:
        sys.path.append(dependencies)
        os.environ["PYTHONPATH"] = os.pathsep.join([os.environ["PYTHONPATH"], dependencies])
    if measured:
        measured.start()
    return pytest.main(sys.argv[1:], plugins=[plugin(word, settings, before, measured)])


if __name__ == "__main__":
    sys.exit(main())
