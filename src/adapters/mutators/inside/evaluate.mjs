// Calls the functions of one file as it is told to, and says what each call came to, a line each, to the driver of the probe.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { deserialize } from 'node:v8';

const RESULTS = 3;
const PATIENCE_MS = 200;
const DIGITS = 12; // what floating point makes of another order of the same sum is no difference
const DEPTH = 8;
const FUNCTION = 'millwright function'; // as in record.cjs

const { file, isModule, throws, calls } = JSON.parse(readFileSync(0, 'utf8'));
const say = (line) => writeSync(RESULTS, `${JSON.stringify(line)}\n`);
const exported = isModule ? await import(pathToFileURL(file).href) : createRequire(import.meta.url)(file);
say('loaded');
for (const [name, args] of calls) say(await outcome(name, deserialize(Buffer.from(args, 'base64'))));
process.exit(0);

async function outcome(name, sent) {
  const args = sent.map(received);
  if (args.includes(undefined) && !sent.includes(undefined)) return 'unfit';
  try {
    const value = name.startsWith('[') ? await lived(JSON.parse(name), args) : await settled(at(name)(...args));
    return `= ${shown(value, DEPTH)} ${shown(args, DEPTH)}`;
  } catch (error) {
    if (error instanceof ReferenceError) return 'unbound';
    // Where the file throws nothing itself, an error means that it was not made for such arguments.
    return throws ? `! ${error?.name ?? shown(error, DEPTH)}` : 'unfit';
  }
}

function at(name) {
  return name === '' ? exported : exported?.[name];
}

/** What an object answers to each of its steps, from its beginning. */
async function lived([name, [[, first], ...steps]], args) {
  const given = [...args];
  const object = new (at(name))(...given.splice(0, first));
  const answers = [];
  for (const [step, count] of steps) answers.push(await settled(object[step](...given.splice(0, count))));
  return answers.map((answer) => (answer === object ? 'itself' : answer));
}

function settled(value) {
  return typeof value?.then === 'function' ? Promise.race([value, late()]) : value;
}

function received(arg) {
  if (typeof arg !== 'object' || arg === null || !(FUNCTION in arg)) return arg;
  try {
    return (0, eval)(`(${arg[FUNCTION]})`);
  } catch {
    return undefined;
  }
}

function late() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'late'));
}

function shown(value, depth) {
  if (typeof value === 'number')
    return Number.isInteger(value) ? `${value + 0}` : `${Number(value.toPrecision(DIGITS))}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return '…';
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name} ${shown([...value], depth - 1)}`;
  if (Array.isArray(value)) return `[${value.map((item) => shown(item, depth - 1)).join()}]`;
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${shown(value[key], depth - 1)}`)
    .join()}}`;
}
