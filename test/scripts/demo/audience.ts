// A demo as a real process in a temporary folder of its own, and what is left of it afterwards.
import { spawn, type ChildProcess } from 'node:child_process';
import { once as event } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoggedCall } from '../../../scripts/scripted-model/server';
import { processesSaying } from '../../processes';
import { once } from '../../scenarios/once';

const RUN = join(__dirname, '../../../scripts/run.cjs');

export type Demo = {
  /** All that it makes for a while is in here: no other process has this name in its environment. */
  temp: string;
  child: ChildProcess;
  /** What it has printed so far, both streams. */
  said(): string;
  until(words: string | RegExp, withinSeconds?: number): Promise<void>;
  ended: Promise<number | null>;
  /** Whatever else it ends with, its words say why. */
  endsWith(code: number): Promise<void>;
};

/** `terminal`: in a pseudo-terminal of 80 by 30, where what is typed goes to stdin. */
export function startDemo(
  args: readonly string[],
  { env = {}, terminal = false }: { env?: NodeJS.ProcessEnv; terminal?: boolean } = {},
): Demo {
  const temp = mkdtempSync(join(tmpdir(), 'millwright-demo-test-'));
  const command = [process.execPath, RUN, 'demo', ...args];
  const child = terminal
    ? spawn('python3', ['-c', IN_A_TERMINAL, ...command], { env: environment(temp, env) })
    : spawn(command[0]!, command.slice(1), { env: environment(temp, env), stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (piece: Buffer) => (text += piece.toString()));
  const ended = event(child, 'close').then(([code]) => code as number | null);
  const until = async (words: string | RegExp, withinSeconds = 300): Promise<void> => {
    const found = () => (typeof words === 'string' ? text.includes(words) : words.test(text));
    const over = ended.then(() => true);
    for (const deadline = Date.now() + withinSeconds * 1_000; !found();) {
      const ended = await Promise.race([over, pause(50).then(() => false)]);
      if (found()) return;
      if (ended || Date.now() > deadline) throw new Error(`It never said ${String(words)}:\n${text}`);
    }
  };
  const endsWith = async (code: number): Promise<void> => {
    const found = await ended;
    if (found !== code) throw new Error(`It ended with ${found}, not ${code}:\n${text}`);
  };
  return { temp, child, said: () => text, until, ended, endsWith };
}

const IN_A_TERMINAL = `
import os, pty, sys
shown = ['sh', '-c', 'stty rows 30 cols 80; exec "$@"', 'sh'] + sys.argv[1:]
sys.exit(os.waitstatus_to_exitcode(pty.spawn(shown)))`;

/** Of the shell's own, nothing that would lead the demo elsewhere. */
function environment(temp: string, over: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(OPENAI|REVIEW|MILLWRIGHT|TEMPORAL)_/.test(name) || /^(TEMPORAL_CLI|MILLWRIGHT_CACHE)$/.test(name),
  );
  return { ...Object.fromEntries(ours), TMPDIR: temp, ...over };
}

/** Processes that carry its temporary folder's name, and what is in that folder (tsx keeps its own cache there). */
export function leftOf({ temp }: Demo): { processes: string[]; files: string[] } {
  return {
    processes: processesSaying(temp).map(({ command }) => command),
    files: readdirSync(temp).filter((name) => !name.startsWith('tsx-')),
  };
}

/** The same once nothing is left; what is left after a minute, where something stays. */
export const leftAtLast = (demo: Demo): Promise<ReturnType<typeof leftOf>> =>
  once(
    async () => leftOf(demo),
    ({ processes, files }) => processes.length + files.length === 0,
    60_000,
  );

export const nothing = { processes: [], files: [] };

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It has ended meanwhile, or is not ours to look at.
  }
}

/** The scripted model's log of a demo that is under way. */
export function callsOf(demo: Demo): LoggedCall[] {
  const lines = read(join(folderOf(demo), 'logs/scripted-model-calls.jsonl')).split('\n');
  return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as LoggedCall);
}

/** Where it keeps all that it makes. */
export function folderOf({ temp }: Demo): string {
  return join(temp, readdirSync(temp).find((name) => name.startsWith('millwright-')) ?? '');
}

export function dismiss(demo: Demo): void {
  demo.child.kill('SIGKILL');
  rmSync(demo.temp, { recursive: true, force: true });
}
