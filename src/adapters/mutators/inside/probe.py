"""Tells faults that can be seen from those that cannot: what the tests call is noted, and calls like theirs are made of the
code as it is and of the code with each fault. It runs in the sandbox, and reports on a descriptor of its own."""

import ast
import json
import os
import re
import select
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from neighbours import calls_like

REPORT = 3
CALLS = "/tmp/millwright-calls.json"
CALLS_LIMIT = 300
LOADING_SECONDS = 6
CALL_SECONDS = 1
STUCK_LIMIT = 3
AT_ONCE = 2
FEW = 5
NO_ANSWER = ('"unfit"', "stuck", "not tried")  # the first as the process that evaluates says it, in JSON

with open("/millwright/plan.json", encoding="utf-8") as plan:
    settings = json.load(plan)
deadline = time.monotonic() + settings["seconds"]
environment = {**os.environ, "MILLWRIGHT_PROBED": "1"}


def main():
    command = [sys.executable, "/millwright/record.py"]
    try:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, timeout=settings["seconds"] * 0.7, check=False, **quiet)
    except subprocess.TimeoutExpired:
        pass
    noted = read_noted()
    probes = {file: Probe(file, noted) for file in settings["files"]}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda each: probes[each[1]["file"]].compare(*each), enumerate(settings["mutants"])))
    functions = [one for probe in probes.values() for one in probe.functions]
    report = json.dumps({"functions": functions, "mutants": told}).encode()
    while report:
        report = report[os.write(REPORT, report) :]


def read_noted():
    try:
        with open(CALLS, encoding="utf-8") as noted:
            return json.load(noted)
    except (OSError, ValueError):
        return {"calls": [], "lines": None, "path": sys.path}


class Probe:
    def __init__(self, file, noted):
        with open(file, encoding="utf-8", newline="") as source:
            self.text = source.read()
        self.file, self.tree = file, ast.parse(self.text)
        self.lines = noted["lines"] and set(noted["lines"].get(file, []))
        calls = [one for one in noted["calls"] if one[0] == file]
        self.module = calls[0][1] if calls else None
        wanted = [(json.dumps(name), [ast.literal_eval(value) for value in values]) for _, _, name, values in calls]
        own, like = calls_like(wanted, self.tree, CALLS_LIMIT)
        self.functions = functions_of(file, [(json.loads(name), values) for name, values in like[:own]])
        wire = [[json.loads(name), [repr(value) for value in values]] for name, values in like]
        throws = bool(re.search(r"\braise\b", self.text))
        self.task = {"module": self.module, "path": noted["path"], "throws": throws, "calls": wire}
        self.once = evaluate(self.task, file) if wire else []
        again = evaluate(self.task, file) if wire else []
        same = [at for at, result in enumerate(self.once) if result == again[at]]
        self.usable = [at for at in same if self.once[at] not in NO_ANSWER]

    def compare(self, at, mutant):
        reached = self.reached(mutant["line"])
        if len(self.usable) < FEW or time.monotonic() > deadline:
            return {"reached": reached, "differs": None}
        units = self.text.encode("utf-16-le")  # as JavaScript counts
        text = units[: 2 * mutant["start"]].decode("utf-16-le") + mutant["replacement"]
        copy = f"/tmp/millwright-mutant-{at}.py"
        with open(copy, "w", encoding="utf-8", newline="") as out:
            out.write(text + units[2 * mutant["end"] :].decode("utf-16-le"))
        results = evaluate(self.task, copy)
        compared = [call for call in self.usable if results[call] != "not tried"]
        other = [call for call in compared if results[call] != self.once[call]]
        return {"reached": reached, "differs": len(other) / len(compared) if compared else None}

    def reached(self, line):
        """Whether the tests come to the statement there; true where nobody knows."""
        if self.lines is None:
            return True
        around = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno]
        inner = min(around, key=lambda node: node.end_lineno - node.lineno, default=None)
        return inner is None or inner.lineno in self.lines


def functions_of(file, calls):
    """How many different calls, or steps of an object, the tests make of each."""
    tried = {}
    for (name, steps), values in calls:
        given = list(values)
        for step, count, named in steps:
            size = count + len(named)
            tried.setdefault(name, {})[f"{step} {given[:size]!r}"] = size
            given = given[size:]
    sizes = [(name, list(calls.values())) for name, calls in tried.items()]
    return [{"file": file, "name": name, "calls": len(all), "arguments": max(all)} for name, all in sizes]


# ── calling ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def evaluate(task, file):
    """What each call came to. A call that does not come back is `stuck`; after some of those, the others are left out."""
    calls, results, stuck, spare = task["calls"], [], 0, 1
    while len(results) < len(calls) and stuck < STUCK_LIMIT:
        lines, loaded = evaluate_from({**task, "file": file, "calls": calls[len(results) :]})
        results += lines
        if len(results) == len(calls):
            break
        # The machine may have stood still, and not the call: once, it is made again.
        if spare > 0:
            spare -= 1
            continue
        if not loaded and not results:
            return ["does not load"] * len(calls)
        results.append("stuck")
        stuck += 1
    return [*results, *["not tried"] * (len(calls) - len(results))]


def evaluate_from(task):
    ours, theirs = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    command = [sys.executable, "/millwright/evaluate.py"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[theirs], **quiet)
    os.close(theirs)
    try:
        child.stdin.write(json.dumps({**task, "results": theirs}).encode() + b"\n")
        child.stdin.close()
    except BrokenPipeError:
        pass
    heard, patience = b"", LOADING_SECONDS
    while select.select([ours], [], [], patience)[0]:
        more = os.read(ours, 65_536)
        if not more:
            break
        heard, patience = heard + more, CALL_SECONDS
    child.kill()
    child.wait()
    os.close(ours)
    lines = heard.decode(errors="replace").split("\n")[:-1]
    return lines[1 : len(task["calls"]) + 1], len(lines) > 0


main()
