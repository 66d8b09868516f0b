"""Arguments like those of the tests: a step away from them, or with what the code itself has numbers and texts for."""

import ast
import random

LENGTH_LIMIT = 4_000
DEPTH = 2


def calls_like(calls, tree, limit):
    """Calls like these, the calls themselves first; and how many those are. A call is what is called, and a list of values."""
    found, keys = [], set()

    def add(name, args):
        key = f"{name} {args!r}"
        if len(key) <= LENGTH_LIMIT and key not in keys:
            keys.add(key)
            found.append((name, args))

    for name, args in calls:
        add(name, args)
    own = len(found)
    constants = constants_in(tree)
    for name, args in found[:own]:
        for at, arg in enumerate(args):
            for value in [*near(arg, 0), *placed(arg, constants, 0)]:
                add(name, put(args, at, value))
    for name, args in found[:own]:
        for other, others in found[:own]:
            if name == other and len(args) == len(others) > 1:
                for at, value in enumerate(others):
                    add(name, put(args, at, value))
    chance = random.Random(own + len(constants[0]))
    first = list(found)
    for _ in range(2 * limit if first else 0):
        name, args = chance.choice(first)
        if args:
            at = chance.randrange(len(args))
            values = near(args[at], 0)
            if values:
                add(name, put(args, at, chance.choice(values)))
    others = found[own:]
    chance.shuffle(others)
    return own, [*found[:own], *others][: max(own, limit)]


def put(args, at, value):
    return [*args[:at], value, *args[at + 1 :]]


# ── a step away ─────────────────────────────────────────────────────────────────────────────────────────────────────


def near(value, depth):
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return near_number(value)
    if isinstance(value, str):
        return near_text(value)
    if depth > DEPTH:
        return []
    if isinstance(value, (list, tuple)):
        return [type(value)(one) for one in near_list(list(value), depth)]
    if isinstance(value, (set, frozenset)):
        return [type(value)(one) for one in near_list(sorted(value, key=repr), depth) if all(map(hashable, one))]
    if isinstance(value, dict):
        return near_dict(value, depth)
    return []


def near_number(value):
    whole = [value + 1, value - 1, 0, 1, -value, value * 2, value + 2, value * 10, value // 2]
    return whole if isinstance(value, int) else [*whole, value + 0.5, value - 0.5, float(int(value)), value / 2]


def places(length):
    return [at for at in dict.fromkeys([0, 1, length // 2, length - 2, length - 1]) if 0 <= at < length]


def near_text(text):
    half = len(text) // 2
    found = ["", text + text, text[::-1], text[:half], text[half:], f"{text} {text}"]
    for at in places(len(text)):
        before, letter, after = text[:at], text[at], text[at + 1 :]
        following = chr(min(ord(letter) + 1, 0x10FFFF))
        others = ["", letter * 2, letter.swapcase(), text[(at + 1) % len(text)], following]
        found += [before + other + after for other in others]
        if after:
            found.append(before + after[0] + letter + after[1:])
    return [*found, text + text[:1], text[-1:] + text]


def near_list(items, depth):
    half = len(items) // 2
    found = [[], items[::-1], items + items, items[:half], items[half:], items[:1]]
    for at in places(len(items)):
        before, item, after = items[:at], items[at], items[at + 1 :]
        found += [before + after, [*before, item, item, *after]]
        if after:
            found.append([*before, after[0], item, *after[1:]])
        found += [[*before, other, *after] for other in near(item, depth + 1)]
    return found


def near_dict(value, depth):
    found = [{}]
    for key in value:
        found.append({other: value[other] for other in value if other != key})
        found += [{**value, key: other} for other in near(value[key], depth + 1)]
    return found


def hashable(value):
    try:
        return isinstance(hash(value), int)
    except TypeError:
        return False


# ── what the code itself speaks of ──────────────────────────────────────────────────────────────────────────────────


def constants_in(tree):
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    texts = [value for value in values if isinstance(value, str) and "\n" not in value]
    unique = lambda some, limit: list(dict.fromkeys(some))[:limit]
    steps = [other for number in numbers for other in (number - 1, number, number + 1)]
    return unique(steps, 15), unique(texts, 12), unique("".join(texts), 40)


def placed(value, constants, depth):
    numbers, texts, letters = constants
    if isinstance(value, bool):
        return []
    if isinstance(value, (int, float)):
        return numbers
    if isinstance(value, str):
        half = len(value) // 2
        within = [(letter + value[1:], value[:-1] + letter, value[:half] + letter + value[half + 1 :]) for letter in letters]
        return [*texts, *(text for three in within for text in three)]
    if not isinstance(value, list) or not value or depth > 0:
        return []
    return [put(value, at, item) for at in (0, len(value) - 1) for item in placed(value[at], constants, depth + 1)]
