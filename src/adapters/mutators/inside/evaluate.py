"""Calls what one file has as it is told to, and says what each call came to, a line each, to the driver of the probe."""

import ast
import asyncio
import importlib
import importlib.util
import inspect
import itertools
import json
import os
import sys

DIGITS = 12  # what floating point makes of another order of the same sum is no difference
DEPTH = 8
ITEMS_LIMIT = 1_000
PATIENCE_SECONDS = 0.2


def main():
    task = json.loads(sys.stdin.buffer.readline())
    sys.path[:] = task["path"]

    def say(line):
        data = (json.dumps(line) + "\n").encode()
        while data:
            data = data[os.write(task["results"], data) :]

    module = loaded(task["module"], task["file"])
    say("loaded")
    for (name, steps), values in task["calls"]:
        say(outcome(module, name, steps, [ast.literal_eval(value) for value in values], task["throws"]))
    os._exit(0)


def loaded(name, file):
    """In the place of the module, so that what it imports, and what imports it, is where it was."""
    parent = name.rpartition(".")[0]
    if parent:
        importlib.import_module(parent)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def outcome(module, name, steps, values, throws):
    try:
        given = list(values)
        called, came = getattr(module, name), []
        for step, count, named in steps:
            args, given = given[:count], given[count:]
            words, given = dict(zip(named, given)), given[len(named) :]
            if step in ("", "__init__"):
                made = called(*args, **words)
                called, came = made, came if step else [settled(made)]
            else:
                came.append(settled(getattr(called, step)(*args, **words)))
        return f"= {shown(came, DEPTH)} {shown(values, DEPTH)}"
    except Exception as error:
        # Where the file raises nothing itself, an error means that it was not made for such arguments.
        return f"! {type(error).__name__}" if throws else "unfit"


def settled(value):
    if inspect.iscoroutine(value):
        return asyncio.run(asyncio.wait_for(value, PATIENCE_SECONDS))
    if hasattr(value, "__next__"):
        return list(itertools.islice(value, ITEMS_LIMIT))
    return value


def shown(value, depth):
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return repr(value)
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else f"{value:.{DIGITS}g}"
    if depth == 0:
        return "…"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{','.join(shown(one, depth - 1) for one in value)}]"
    if isinstance(value, (set, frozenset)):
        return f"set[{','.join(sorted(shown(one, depth - 1) for one in value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{shown(key, 1)}:{shown(one, depth - 1)}" for key, one in value.items())) + "}"
    if hasattr(value, "__dict__") and not callable(value):
        return f"{type(value).__name__} {shown(vars(value), depth - 1)}"
    return type(value).__name__


main()
