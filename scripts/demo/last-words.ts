// Why the demo failed may stand in the worker's log, which goes with the run's folder: its last lines, before that.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cut } from '../cli/columns';
import { manyLines } from '../cli/safe-text';
import type { RunFolder } from '../stack/run-folder';
import type { Display } from './display';

const LINES_SHOWN = 12;

export function lastWords({ logs }: RunFolder, display: Display): void {
  const newest = readdirSync(logs)
    .filter((name) => name.startsWith('worker-'))
    .map((name) => join(logs, name))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0];
  if (newest === undefined) return;
  const lines = manyLines(readFileSync(newest, 'utf8')).trim().split('\n').slice(-LINES_SHOWN);
  display.say('\nThe last lines of the worker’s log:');
  for (const line of lines) display.say(cut(`  ${line}`, display.width), 'dim');
}
