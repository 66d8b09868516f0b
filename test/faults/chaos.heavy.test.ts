// Chaos as a person runs it: what it prints, how it ends, and that nothing of it is left, also where it is told to end.
import { execFile, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { faultKinds, twoOf } from '../../scripts/trial/faults';
import { randomFrom } from '../../scripts/trial/random';
import type { Report } from '../../scripts/trial/table';
import { processesSaying } from '../processes';
import { PATIENCE_MS } from './sweeping';

const ROOT = join(__dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-chaos-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** All that it starts and stores knows this folder for the one of temporary files. */
function chaos(...args: string[]) {
  const env = { ...process.env, TMPDIR: folder, NO_COLOR: '1' };
  let child: ChildProcess;
  const ended = new Promise<{ code: number | null; out: string; said: string }>((resolve) => {
    const command = ['scripts/run.cjs', 'chaos', ...args];
    child = execFile(process.execPath, command, { cwd: ROOT, env, maxBuffer: 1 << 26 }, (_, out, said) =>
      resolve({ code: child.exitCode, out, said }),
    );
  });
  return { child: child!, ended };
}

/** Processes whose environment or command names the folder, and what is mounted in it. */
function left(): string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return [...processesSaying(folder).map(({ command }) => command), ...mounts.filter((line) => line.includes(folder))];
}

const own = () => readdirSync(folder).filter((name) => name.startsWith('millwright-'));

test(
  'trials of a seed are told one by one, then all together, those of the run before too; it ends with 0, and leaves nothing',
  async () => {
    const record = join(folder, 'record.jsonl');
    const trials = (upTo: number) =>
      chaos('--trials', `${upTo}`, '--seed', 'process', '--parallel', '2', '--record', record, '--json').ended;
    expect(await trials(2)).toMatchObject({ code: 0 });
    const { code, out, said } = await trials(4);
    const { outcomes, server, seed } = JSON.parse(out) as Report;
    expect({ said, violations: outcomes.flatMap(({ violations }) => violations) }).toEqual({ said, violations: [] });
    expect(code).toBe(0);
    expect({ server, seed }).toEqual({ server: 'development server, SQLite', seed: 'process' });
    expect(outcomes.map(({ trial }) => trial).sort()).toEqual([1, 2, 3, 4]);
    for (const { trial, delivered, faults, recoveries } of outcomes) {
      expect(faults).toHaveLength(2);
      expect(recoveries.length).toBeGreaterThan(0);
      const told = said.includes(`${trial}: ${delivered}: ${faults.join(' + ')}: `);
      expect({ trial, told }).toEqual({ trial, told: trial > 2 });
    }
    expect(left()).toEqual([]);
    expect(own()).toEqual([]);
  },
  PATIENCE_MS,
);

/** One whose trials suffer these, each at least its own. What can be drawn depends on what this machine has. */
function seedThatDraws(...wanted: string[]): string {
  const { kinds } = faultKinds(true);
  const draws = (seed: string) =>
    wanted.every((name, at) => twoOf(kinds, randomFrom(`${seed}/${at + 1}`)).some((kind) => kind.name === name));
  for (let seed = 1; ; seed++) if (draws(`${seed}`)) return `${seed}`;
}

test(
  'on PostgreSQL, the database is down and is restarted under trials, and nothing is broken or left',
  async () => {
    chmodSync(folder, 0o711); // the database runs as somebody else, and has to pass through
    const seed = seedThatDraws('database down', 'database restarted');
    const { code, out, said } = await chaos('--trials', '2', '--seed', seed, '--server', 'postgres').ended;
    expect({ said, code }).toEqual({ said, code: 0 });
    const lines = out.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['| database down | 1 | 0 |', '| database restarted | 1 | 0 |']));
    expect(lines).toContain('2 trials, 0 violations');
    expect(out).toContain(`seed ${seed}, Temporal server, PostgreSQL, `);
    // It was struck while there was something left to do.
    expect(out).toMatch(/^\| database back \| [1-9]/m);
    expect(left()).toEqual([]);
    expect(own()).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'told to end in the middle, it ends by that signal, and leaves no process, no disk and no folder',
  async () => {
    const { child, ended } = chaos('--trials', '6', '--seed', 'told', '--parallel', '6');
    while (left().filter((command) => / worker\b/.test(command)).length < 6) await pause(200);
    await pause(5_000);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 143 });
    for (let tries = 0; tries < 600 && left().length > 0; tries++) await pause(200);
    expect(left()).toEqual([]);
    expect(own()).toEqual([]);
  },
  PATIENCE_MS,
);
