"""Makes the mutants of Python files. It parses what a model wrote, and runs nothing of it: ast knows the places, and a fault
is a piece of text in the place of another, so that all else stays as it was written. The offsets are those of JavaScript."""

import ast
import json
import os
import re
import sys

REPORT = 3
ENTRIES_LIMIT = 30
COMPARED = {
    ast.Lt: ["<=", ">="],
    ast.LtE: ["<", ">"],
    ast.Gt: [">=", "<="],
    ast.GtE: [">", "<"],
    ast.Eq: ["!="],
    ast.NotEq: ["=="],
    ast.In: ["not in"],
    ast.NotIn: ["in"],
    ast.Is: ["is not"],
    ast.IsNot: ["is"],
}
COMPUTED = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.Mod: "*",
    ast.FloorDiv: "*",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.LShift: ">>",
    ast.RShift: "<<",
}
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.FloorDiv: "//", ast.Pow: "**"}
SIGNS |= {ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>", ast.BitXor: "^", ast.MatMult: "@"}
RENAMED = "min max|any all|upper lower|startswith endswith|lstrip rstrip|find rfind|index rindex|ceil floor".split("|")
RENAMED = {one: other for pair in map(str.split, RENAMED) for one, other in (pair, pair[::-1])}
LEFT_OUT = {"strip", "lstrip", "rstrip", "lower", "upper", "casefold", "sort", "reverse"}
SAID = re.compile(r"^(print|warnings\.warn|log|logger|logging|(self|cls)\.(_?log|_?logger))\b")
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.FunctionDef, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)


class Source:
    def __init__(self, text):
        self.text = text
        self.starts = [0]
        for found in re.finditer(r"\r\n|\r|\n", text):
            self.starts.append(found.end())
        self.lines = [text[a:b] for a, b in zip(self.starts, [*self.starts[1:], len(text)])]

    def place(self, line, column):
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node):
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)

    def of(self, node):
        start, end = self.span(node)
        return self.text[start:end]


class Mutants:
    def __init__(self, source, tree, wanted):
        self.source = source
        self.wanted = wanted
        self.found = []
        self.texts = {source.text}
        self.walk(tree, None)

    def put(self, kind, start, end, replacement):
        line = self.source.text.count("\n", 0, start) + 1
        text = self.source.text[:start] + replacement + self.source.text[end:]
        if line not in self.wanted or text in self.texts or not compiles(text):
            return
        self.texts.add(text)
        self.found.append({"kind": kind, "line": line, "start": start, "end": end, "replacement": replacement})

    def add(self, kind, node, replacement):
        self.put(kind, *self.source.span(node), replacement)

    def part(self, node):
        return f"({self.source.of(node)})"

    def sign(self, kind, left, right, old, new):
        """Between two operands there are only brackets, blanks, comments and the operator."""
        start, end = self.source.span(left)[1], self.source.span(right)[0]
        bare = re.sub(r"#[^\n]*", lambda found: " " * len(found[0]), self.source.text[start:end])
        found = re.search(r"\s+".join(map(re.escape, old.split())), bare)
        if found:
            self.put(kind, start + found.start(), start + found.end(), new)

    # ── what is looked at ───────────────────────────────────────────────────────────────────────────────────────

    def walk(self, node, around):
        if self.is_quiet(node, around):
            return
        for name, inner in children(node):
            if isinstance(node, ast.Raise) or name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            if isinstance(node, ast.JoinedStr) or isinstance(inner, ast.pattern):
                continue  # before Python 3.12 nobody can tell the places in an f-string
            self.walk(inner, node)
        visit = getattr(self, f"visit_{type(node).__name__}", None)
        if visit:
            visit(node, around)
        if isinstance(node, BLOCKS):
            self.blocks(node)

    def is_quiet(self, node, around):
        """Where a fault is no business of tests: what is only said to people, imports, and what a script does by itself."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return True
        if isinstance(node, ast.If) and re.match(r"__name__\s*==", self.source.of(node.test)):
            return True
        if not isinstance(node, ast.Expr):
            return False
        if isinstance(node.value, ast.Constant):
            return True  # words for readers
        return isinstance(node.value, ast.Call) and bool(SAID.match(self.source.of(node.value.func)))

    def condition(self, node, both=True):
        if isinstance(node, ast.Constant):
            return
        if both:
            self.add("ConditionalExpression", node, "True")
        self.add("ConditionalExpression", node, "False")

    def blocks(self, node):
        for body in (node.body, getattr(node, "orelse", [])):
            said = body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            body = body[1:] if said else body
            alone = len(body) == 1 and isinstance(body[0], (ast.Pass, ast.If))
            if body and not alone and not all(self.is_quiet(one, node) for one in body):
                self.put("BlockStatement", self.source.span(body[0])[0], self.source.span(body[-1])[1], "pass")

    # ── by kind ─────────────────────────────────────────────────────────────────────────────────────────────────

    def visit_If(self, node, _):
        self.condition(node.test)

    def visit_IfExp(self, node, _):
        self.condition(node.test)
        self.add("Operand", node, self.part(node.body))
        self.add("Operand", node, self.part(node.orelse))

    def visit_comprehension(self, node, _):
        for test in node.ifs:
            self.condition(test)

    def visit_Compare(self, node, around):
        operands = [node.left, *node.comparators]
        for left, sign, right in zip(operands, node.ops, operands[1:]):
            old = {ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"}.get(type(sign))
            old = old or {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}[type(sign)]
            for new in COMPARED[type(sign)]:
                self.sign("EqualityOperator", left, right, old, new)
        if len(node.ops) > 1:
            for at in range(len(node.ops)):
                self.compare_part(node, operands, at)
        if isinstance(around, (ast.BoolOp, ast.UnaryOp, ast.Return, ast.Assign)):
            self.condition(node)

    def compare_part(self, node, operands, at):
        left, right = operands[at], operands[at + 1]
        self.put("Operand", *self.source.span(node), self.source.text[self.source.span(left)[0] : self.source.span(right)[1]])

    def visit_BoolOp(self, node, around):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:]):
            self.sign("LogicalOperator", left, right, old, new)
        for out in node.values:
            rest = [self.part(value) for value in node.values if value is not out]
            self.add("Operand", node, "(" + f" {old} ".join(rest) + ")")
        if isinstance(around, (ast.BoolOp, ast.UnaryOp, ast.Return, ast.Assign)):
            self.condition(node)

    def visit_BinOp(self, node, _):
        sign = SIGNS.get(type(node.op))
        if type(node.op) in COMPUTED and not is_text(node.left) and not is_text(node.right):
            self.sign("ArithmeticOperator", node.left, node.right, sign, COMPUTED[type(node.op)])
        if not (isinstance(node.op, ast.Mod) and is_text(node.left)):
            self.add("Operand", node, self.part(node.left))
            self.add("Operand", node, self.part(node.right))

    def visit_AugAssign(self, node, _):
        sign = SIGNS.get(type(node.op), "")
        if type(node.op) in COMPUTED:
            self.sign("AssignmentOperator", node.target, node.value, f"{sign}=", f"{COMPUTED[type(node.op)]}=")
        self.add("MissingStatement", node, "pass")

    def visit_UnaryOp(self, node, _):
        self.add("Operand", node, self.part(node.operand))

    def visit_Constant(self, node, around):
        value = node.value
        if isinstance(value, bool):
            self.add("BooleanLiteral", node, str(not value))
        elif isinstance(value, int):
            self.add("OffByOne", node, str(value + 1))
            self.add("OffByOne", node, "(-1)" if value == 0 else str(value - 1))
        elif isinstance(value, (str, bytes)):
            self.texts_of(node, value)

    def texts_of(self, node, value):
        empty, other = ("''", "'Millwright'") if isinstance(value, str) else ("b''", "b'Millwright'")
        self.add("StringLiteral", node, empty if value else other)
        if isinstance(value, bytes) or not 2 <= len(value) <= ENTRIES_LIMIT or re.search(r"[\s\\]", value):
            return
        for at in range(len(value)):
            self.add("MissingEntry", node, repr(value[:at] + value[at + 1 :]))

    def entries(self, node, entries, brackets):
        if not 2 <= len(entries) <= ENTRIES_LIMIT:
            return
        for left in entries:
            rest = ", ".join(text for text in entries if text is not left)
            self.add("MissingEntry", node, brackets[0] + rest + brackets[1])

    def visit_List(self, node, _):
        if isinstance(node.ctx, ast.Load):
            self.entries(node, [self.source.of(one) for one in node.elts], "[]")
            if node.elts:
                self.add("ArrayDeclaration", node, "[]")

    def visit_Set(self, node, _):
        self.entries(node, [self.source.of(one) for one in node.elts], "{}")

    def visit_Dict(self, node, _):
        if None not in node.keys:
            pairs = zip(node.keys, node.values)
            self.entries(node, [f"{self.source.of(key)}: {self.source.of(value)}" for key, value in pairs], "{}")

    def visit_Subscript(self, node, _):
        if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
            self.add("Operand", node, self.part(node.value))
            parts = [part and self.source.of(part) for part in (node.slice.lower, node.slice.upper, node.slice.step)]
            for out in [at for at, part in enumerate(parts) if part]:
                lower, upper, step = ("" if at == out else part or "" for at, part in enumerate(parts))
                self.add("Operand", node.slice, f"{lower}:{upper}" + (f":{step}" if step else ""))

    def visit_Call(self, node, _):
        called = node.func
        if isinstance(called, ast.Name) and called.id in RENAMED:
            self.add("MethodExpression", called, RENAMED[called.id])
        if isinstance(called, ast.Name) and called.id in ("sorted", "abs", "round") and node.args:
            self.add("MethodExpression", node, self.part(node.args[0]))
        if isinstance(called, ast.Attribute):
            end = self.source.span(called)[1]
            if called.attr in RENAMED:
                self.put("MethodExpression", end - len(called.attr), end, RENAMED[called.attr])
            if called.attr in LEFT_OUT:
                self.add("MethodExpression", node, self.part(called.value))

    def visit_While(self, node, _):
        self.condition(node.test, both=False)

    def visit_Expr(self, node, _):
        self.add("MissingStatement", node, "pass")

    def visit_Assign(self, node, _):
        if not all(isinstance(target, ast.Name) for target in node.targets):
            self.add("MissingStatement", node, "pass")

    def visit_Continue(self, node, _):
        self.add("MissingStatement", node, "pass")

    visit_Break = visit_Continue


def children(node):
    for name, value in ast.iter_fields(node):
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST):
                yield name, inner


def is_text(node):
    return isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def compiles(text):
    try:
        compile(text, "candidate", "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False


def made(content, lines):
    try:
        source = Source(content)
        found = Mutants(source, ast.parse(content), set(lines)).found
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"mutants": [], "trouble": str(error).splitlines()[0][:200]}
    units = [0]  # JavaScript counts characters outside the first 65,536 twice
    for letter in content:
        units.append(units[-1] + 1 + (ord(letter) > 0xFFFF))
    return {"mutants": [{**one, "start": units[one["start"]], "end": units[one["end"]]} for one in found]}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as plan:
        report = json.dumps([made(**file) for file in json.load(plan)]).encode()
    while report:
        report = report[os.write(REPORT, report) :]
