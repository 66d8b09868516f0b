// Tells faults that can be seen from those that cannot: what the tests call is noted, and calls like theirs are made of the
// code as it is and of the code with each fault. It runs in the sandbox, and reports on a descriptor of its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { deserialize, serialize } from 'node:v8';
import { callsLike } from './neighbours.mjs';

const REPORT = 3;
const RESULTS = 3; // of the process that evaluates
const CALLS = '/tmp/millwright-calls';
const COVERAGE = '/tmp/millwright-coverage';
const CALLS_LIMIT = 300;
const LOADING_MS = 6_000;
const CALL_MS = 1_000;
const STUCK_LIMIT = 3;
const AT_ONCE = 2;
const FEW = 5;
// The first two as the process that evaluates says them, in JSON.
const NO_ANSWER = ['"unfit"', '"unbound"', 'stuck', 'not tried'];
const FUNCTION = 'millwright function'; // as in record.cjs

const { tests, files, mutants, seconds } = JSON.parse(readFileSync('/millwright/plan.json', 'utf8'));
const deadline = Date.now() + seconds * 1_000;

spawnSync(process.execPath, ['--test', `--test-timeout=${seconds * 500}`, '--', ...tests], {
  ...{ stdio: 'ignore', timeout: seconds * 700, killSignal: 'SIGKILL' },
  env: { ...process.env, NODE_V8_COVERAGE: COVERAGE },
});
const noted = existsSync(CALLS) ? readFileSync(CALLS, 'utf8').split('\n').flatMap(callIn) : [];
const probes = new Map();
for (const file of files) probes.set(file.path, await probeOf(file));
const told = Array(mutants.length);
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < mutants.length) {
      const at = next++;
      told[at] = await compare(mutants[at], at);
    }
  }),
);
const breadth = [...probes].flatMap(([file, { functions }]) => functions.map((one) => ({ file, ...one })));
const bytes = Buffer.from(JSON.stringify({ functions: breadth, mutants: told }));
for (let at = 0; at < bytes.length;) at += writeSync(REPORT, bytes, at);

function callIn(line) {
  try {
    const [file, name, args, id] = deserialize(Buffer.from(line, 'base64'));
    return [{ file, name, args, id }];
  } catch {
    return [];
  }
}

async function probeOf({ path, own, isModule }) {
  const content = readFileSync(own, 'utf8');
  const reached = reachedIn(own);
  const calls = lastOfEach(noted.filter(({ file }) => file === path)).map(({ name, args }) => [name, args]);
  const like = callsLike(calls, content, (args) => serialize(args).toString('base64'), CALLS_LIMIT);
  const wire = like.calls.map(([name, args]) => [name, serialize(args).toString('base64')]);
  const functions = functionsOf(like.calls.slice(0, like.own));
  const task = { isModule, throws: /\bthrow\b/.test(content), calls: wire };
  if (wire.length === 0) return { own, content, reached, functions, task, usable: [] };
  const [once, again] = await Promise.all([evaluate(own, task), evaluate(own, task)]);
  // A function that was made again of its text may lack what was around it: then no call with it tells anything.
  const texts = like.calls.map(([, args]) => args.flatMap((arg) => arg?.[FUNCTION] ?? []));
  const unbound = new Set(texts.filter((_, at) => once[at] === '"unbound"').flat());
  const answers = (at) => once[at] === again[at] && !NO_ANSWER.includes(once[at]);
  const usable = once.flatMap((_, at) => (answers(at) && !texts[at].some((text) => unbound.has(text)) ? [at] : []));
  return { own, content, reached, functions, task, once, usable };
}

/** Of an object, all that was done with it. */
function lastOfEach(calls) {
  const last = new Map(calls.map(({ id }, at) => [id, at]));
  return calls.filter(({ id }, at) => id === undefined || last.get(id) === at);
}

/** How many different calls, or steps of an object, the tests make of each. */
function functionsOf(calls) {
  const tried = new Map();
  for (const [name, args] of calls) {
    const [of, steps] = name.startsWith('[') ? JSON.parse(name) : [name, [['', args.length]]];
    const given = [...args];
    if (!tried.has(of)) tried.set(of, new Map());
    for (const [step, count] of steps) {
      const own = given.splice(0, count);
      tried.get(of).set(`${step} ${serialize(own).toString('base64')}`, count);
    }
  }
  return [...tried].map(([name, sizes]) => ({
    ...{ name, calls: sizes.size, arguments: Math.max(0, ...sizes.values()) },
  }));
}

async function compare({ file, start, end, replacement }, at) {
  const { own, content, reached, task, once, usable } = probes.get(file);
  const isReached = reached(start);
  if (usable.length < FEW || Date.now() > deadline) return { reached: isReached, differs: null };
  const copy = join(dirname(own), `millwright-mutant-${at}${extname(own)}`);
  writeFileSync(copy, content.slice(0, start) + replacement + content.slice(end));
  const results = await evaluate(copy, task);
  const compared = usable.filter((call) => results[call] !== 'not tried');
  const other = compared.filter((call) => results[call] !== once[call]);
  return { reached: isReached, differs: compared.length === 0 ? null : other.length / compared.length };
}

// ── calling ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What each call came to. A call that does not come back is `stuck`; after some of those, the others are left out. */
async function evaluate(file, { calls, ...task }) {
  const results = [];
  for (let [stuck, spare] = [0, 1]; results.length < calls.length && stuck < STUCK_LIMIT;) {
    const { lines, loaded } = await evaluateFrom({ ...task, file, calls: calls.slice(results.length) });
    results.push(...lines);
    if (results.length === calls.length) break;
    // The machine may have stood still, and not the call: once, it is made again.
    if (spare-- > 0) continue;
    if (!loaded && results.length === 0) return calls.map(() => 'does not load');
    results.push('stuck');
    stuck += 1;
  }
  while (results.length < calls.length) results.push('not tried');
  return results;
}

function evaluateFrom(task) {
  const child = spawn(process.execPath, ['--max-old-space-size=256', '/millwright/evaluate.mjs'], {
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, MILLWRIGHT_PROBED: '1' },
  });
  const lines = [];
  let rest = '';
  const kill = () => child.kill('SIGKILL');
  let patience = setTimeout(kill, LOADING_MS);
  child.stdio[RESULTS].on('data', (chunk) => {
    const [first, ...more] = (rest + chunk).split('\n');
    const whole = [first, ...more];
    rest = whole.pop();
    for (const line of whole) lines.push(line);
    clearTimeout(patience);
    patience = setTimeout(kill, CALL_MS);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify({ ...task, file: join('/box', task.file) }));
  return new Promise((resolve) => {
    child.once('error', kill);
    child.once('close', () => {
      clearTimeout(patience);
      resolve({ loaded: lines.length > 0, lines: lines.slice(1, task.calls.length + 1) });
    });
  });
}

// ── what the tests run ──────────────────────────────────────────────────────────────────────────────────────────

/** Whether the tests came to a place of a file; true where nobody knows. */
function reachedIn(own) {
  const url = `file:///box/${own}`;
  const reports = existsSync(COVERAGE) ? readdirSync(COVERAGE).map((name) => join(COVERAGE, name)) : [];
  const runs = reports.flatMap((report) =>
    JSON.parse(readFileSync(report, 'utf8')).result.filter((one) => one.url === url),
  );
  const counts = runs.map(({ functions }) => functions.flatMap(({ ranges }) => ranges));
  return (at) => {
    if (reports.length === 0) return true;
    return counts.some((ranges) => {
      const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset);
      const inner = around.reduce((least, range) => (size(range) <= size(least) ? range : least), around[0]);
      return inner === undefined || inner.count > 0;
    });
  };
}

function size({ startOffset, endOffset }) {
  return endOffset - startOffset;
}
