"""Starts pytest, with this file as its plugin: it writes what happened, one JSON line an event, to the report's descriptor."""

import ast
import json
import os
import sys

import pytest

REPORT = 3
TEXT_LIMIT_CHARS = 4_000
SETTINGS = json.loads(os.environ.pop("MILLWRIGHT_PYTEST"))

os.set_inheritable(REPORT, False)


def measurement():
    import coverage

    return coverage.Coverage(data_file=None, config_file=False)


lines = 0
waiting = {}  # tests that were collected and have not ended
collected_files = set()
outcomes = {}
measured = measurement() if SETTINGS["coverage"] else None
if measured:
    measured.start()


def report(**line):
    global lines
    data = (json.dumps(line) + "\n").encode()
    while data:
        data = data[os.write(REPORT, data):]
    lines += 1


def cut(text):
    return str(text)[:TEXT_LIMIT_CHARS]


def parses(file):
    try:
        with open(file, "rb") as source:
            ast.parse(source.read())
        return True
    except (SyntaxError, ValueError):
        return False


@pytest.hookimpl(trylast=True)
def pytest_collectreport(report):
    file = report.nodeid.partition("::")[0]
    if report.failed:
        collected_files.add(file)
        emit(event="unloadable", file=file, error=cut(report.longreprtext), syntax=not parses(file))
    elif report.skipped:
        collected_files.add(file)
        emit(event="case", id=report.nodeid, outcome="skipped", line=0, error="")


emit = report  # pytest names the argument of these hooks `report`


def pytest_itemcollected(item):
    waiting[item.nodeid] = True
    collected_files.add(item.nodeid.partition("::")[0])


def pytest_deselected(items):
    for item in items:
        if waiting.pop(item.nodeid, None):
            emit(event="case", id=item.nodeid, outcome="skipped", line=0, error="")


def pytest_runtest_logreport(report):
    seen = outcomes.setdefault(report.nodeid, {"outcome": "passed", "error": ""})
    if report.failed:
        seen["outcome"] = "failed"
        seen["error"] = cut(seen["error"] + report.longreprtext)
    elif report.skipped and seen["outcome"] == "passed":
        seen["outcome"] = "skipped"
    if report.when == "teardown":
        waiting.pop(report.nodeid, None)
        emit(event="case", id=report.nodeid, line=(report.location[1] or 0) + 1, **outcomes.pop(report.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if measured:
        measured.stop()
        emit(event="coverage", files=[lines_of(file) for file in measured.get_data().measured_files()])
    silent = [file for file in SETTINGS["files"] if file not in collected_files]
    emit(event="end", lines=lines, unfinished=list(waiting)[:20], silent=silent)


def lines_of(file):
    if not file.startswith("/box/"):
        return {"path": file, "total": 0, "covered": 0}
    _, statements, _, missing, _ = measured.analysis2(file)
    return {"path": file, "total": len(statements), "covered": len(statements) - len(missing)}


if __name__ == "__main__":
    # Only now, in the place of this file's folder: nothing of the repository stands in for what was imported above.
    sys.path[0] = os.getcwd()
    sys.exit(pytest.main(sys.argv[1:], plugins=[sys.modules[__name__]]))
