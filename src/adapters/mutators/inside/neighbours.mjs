// Arguments like those of the tests: a step away from them, or with what the code itself has numbers and texts for.

const LENGTH_LIMIT = 4_000;
const DEPTH = 2;
const FUNCTION = 'millwright function'; // as in record.cjs

/** Calls like these, the calls themselves first. `same` says by what two of them are one. */
export function callsLike(calls, content, same, limit) {
  const found = [];
  const keys = new Set();
  const add = (name, args) => {
    const key = `${name} ${same(args)}`;
    if (key.length > LENGTH_LIMIT || keys.has(key)) return;
    keys.add(key);
    found.push([name, args]);
  };
  for (const [name, args] of calls) add(name, args);
  const own = found.length;
  const constants = constantsIn(content);
  const put = (args, at, value) => args.map((arg, other) => (other === at ? value : arg));
  for (const [name, args] of found.slice(0, own))
    args.forEach((arg, at) => {
      for (const value of [...near(arg, 0), ...placed(arg, constants, 0)]) add(name, put(args, at, value));
    });
  for (const [name, args] of found.slice(0, own))
    for (const [other, others] of found.slice(0, own))
      if (name === other && args.length > 1 && args.length === others.length)
        args.forEach((_, at) => add(name, put(args, at, others[at])));
  const random = randomFrom(own + content.length);
  const first = found.slice();
  for (let tries = 0; tries < 2 * limit && first.length > 0; tries++) {
    const [name, args] = first[Math.floor(random() * first.length)];
    const at = Math.floor(random() * args.length);
    const values = args.length === 0 ? [] : near(args[at], 0);
    if (values.length > 0) add(name, put(args, at, values[Math.floor(random() * values.length)]));
  }
  return { own, calls: [...found.slice(0, own), ...shuffled(found.slice(own), random)].slice(0, Math.max(own, limit)) };
}

/** Values of the same kind and shape, a step away. */
function near(value, depth) {
  if (typeof value === 'number') return nearNumber(value);
  if (typeof value === 'bigint') return [value + 1n, value - 1n, 0n, -value];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string') return nearText(value);
  if (depth > DEPTH) return [];
  if (Array.isArray(value)) return nearList(value, depth);
  if (isPlain(value)) return nearObject(value, depth);
  return [];
}

function nearNumber(value) {
  const whole = [value + 1, value - 1, 0, 1, -value, value * 2, value + 2, value * 10, Math.floor(value / 2)];
  return Number.isInteger(value) ? whole : [...whole, value + 0.5, value - 0.5, Math.trunc(value), value / 2];
}

const places = (length) =>
  [...new Set([0, 1, Math.floor(length / 2), length - 2, length - 1])].filter((at) => at >= 0 && at < length);

function nearText(text) {
  const { length } = text;
  const put = (at, letters, left = 1) => text.slice(0, at) + letters + text.slice(at + left);
  const changed = places(length).flatMap((at) => {
    const letter = text[at];
    const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
    const next = String.fromCharCode(letter.charCodeAt(0) + 1);
    const swapped = at + 1 < length ? [put(at, text[at + 1] + letter, 2)] : [];
    return [
      put(at, ''),
      put(at, letter + letter),
      put(at, other),
      put(at, text[(at + 1) % length]),
      put(at, next),
      ...swapped,
    ];
  });
  const half = length >> 1;
  const whole = [
    '',
    text + text,
    [...text].reverse().join(''),
    text.slice(0, half),
    text.slice(half),
    `${text} ${text}`,
  ];
  return [...whole, ...changed, ...(length > 0 ? [text + text[0], text[length - 1] + text] : [])];
}

function nearList(list, depth) {
  const put = (at, items, left = 1) => [...list.slice(0, at), ...items, ...list.slice(at + left)];
  const changed = places(list.length).flatMap((at) => [
    put(at, []),
    put(at, [list[at], list[at]]),
    ...(at + 1 < list.length ? [put(at, [list[at + 1], list[at]], 2)] : []),
    ...near(list[at], depth + 1).map((value) => put(at, [value])),
  ]);
  const half = list.length >> 1;
  return [
    [],
    [...list].reverse(),
    [...list, ...list],
    list.slice(0, half),
    list.slice(half),
    list.slice(0, 1),
    ...changed,
  ];
}

function nearObject(object, depth) {
  const without = (key) => Object.fromEntries(Object.entries(object).filter(([other]) => other !== key));
  const changed = Object.keys(object).flatMap((key) => [
    without(key),
    ...near(object[key], depth + 1).map((value) => ({ ...object, [key]: value })),
  ]);
  return [{}, ...changed];
}

const isPlain = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !(FUNCTION in value) &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

// ── what the code itself speaks of ──────────────────────────────────────────────────────────────────────────────

function constantsIn(content) {
  const numbers = (content.match(/\b\d+(\.\d+)?\b/g) ?? [])
    .map(Number)
    .flatMap((number) => [number - 1, number, number + 1]);
  const texts = (content.match(/'[^'\n]*'|"[^"\n]*"/g) ?? []).map((text) => text.slice(1, -1));
  const unique = (list, limit) => [...new Set(list)].slice(0, limit);
  return { numbers: unique(numbers, 15), texts: unique(texts, 12), letters: unique([...texts.join('')], 40) };
}

function placed(value, constants, depth) {
  if (typeof value === 'number') return constants.numbers;
  if (typeof value === 'string') {
    const half = value.length >> 1;
    const within = (letter) =>
      value === ''
        ? [letter]
        : [letter + value.slice(1), value.slice(0, -1) + letter, value.slice(0, half) + letter + value.slice(half + 1)];
    return [...constants.texts, ...constants.letters.flatMap(within)];
  }
  if (!Array.isArray(value) || value.length === 0 || depth > 0) return [];
  return [0, value.length - 1].flatMap((at) =>
    placed(value[at], constants, depth + 1).map((item) => value.map((own, other) => (other === at ? item : own))),
  );
}

// ── chance that is the same each time ───────────────────────────────────────────────────────────────────────────

function randomFrom(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

function shuffled(list, random) {
  const all = [...list];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}
