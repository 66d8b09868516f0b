// Stands between a test runner and the report: the runner's process, in which the tested code runs too, never holds the
// report's descriptor. What it says has to begin with a word that it was told at its start, before that code was loaded.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { originals } from './originals.mjs';

const REPORT = 3;
const changed = originals(JSON.parse(process.env.MILLWRIGHT_FILES));
delete process.env.MILLWRIGHT_FILES;

const word = randomBytes(32).toString('hex');
const [program, ...rest] = process.argv.slice(2);
const child = spawn(program, rest, { stdio: ['pipe', 'inherit', 'inherit', 'pipe'] });
child.stdin.on('error', () => undefined);
child.stdin.end(`${word}\n`);

let last;
let strange = 0;
for await (const line of createInterface({ input: child.stdio[REPORT], crlfDelay: Infinity })) {
  if (!line.startsWith(`${word} `)) strange += 1;
  else {
    if (last !== undefined) say(last);
    last = line.slice(word.length + 1);
  }
}
const code = child.exitCode ?? (await new Promise((ended) => child.once('exit', ended)));
if (last !== undefined) {
  const end = JSON.parse(last);
  if (end.event === 'end') say(JSON.stringify({ ...end, strange, changed: changed() }));
}
process.exit(code ?? 1);

function say(line) {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += writeSync(REPORT, bytes, at);
}
