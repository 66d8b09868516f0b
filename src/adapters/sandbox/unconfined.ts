// No sandbox at all, for an operator who said so in words: a run is an ordinary process of this machine.
import { spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Sandbox, SandboxRun } from '../../activities/ports';
import { inside } from './policy';
import { withScratchFolder } from './scratch';
import { defaultLimits } from './limits';
import { watch } from './watch';

/** Keeps the shape of a sandbox (a copy of the folder, an empty environment, time and output limits) and protects nothing. */
export function createUnconfinedSandbox(scratch: string): Sandbox {
  const withFolder: Sandbox['withFolder'] = (work) => withScratchFolder(scratch, work);
  return {
    describe: async () => 'NONE: the code ran unconfined on this machine, because its operator said so',
    withFolder,
    run: (run) => withFolder((root) => start(run, root)),
  };
}

async function start(run: SandboxRun, root: string) {
  const places = [{ from: run.folder, to: inside.box }, ...(run.readOnly ?? [])];
  for (const { from, to } of places) await copy(from, path.join(root, to));
  // Paths of the sandbox in arguments and variables become paths of the copy.
  const own = places.map(({ to }) => ({ to, is: path.join(root, to) }));
  const moves = run.socket === undefined ? own : [{ to: run.socket.to, is: run.socket.from }, ...own];
  const moved = (text: string) => moves.reduce((so, { to, is }) => so.replaceAll(to, is), text);
  const home = path.join(root, 'tmp');
  await mkdir(home);
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe'];
  for (let at = 3; at <= (run.reportDescriptor ?? 0); at++) stdio[at] = at === run.reportDescriptor ? 'pipe' : 'ignore';
  const [program, ...args] = run.command.map(moved) as [string, ...string[]];
  const environment = Object.entries(run.environment ?? {}).map(([name, value]) => [name, moved(value)]);
  const child = spawn(program, args, {
    cwd: path.join(root, inside.box),
    env: {
      PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: home,
      TZ: 'UTC',
      CI: '1',
      NO_COLOR: '1',
      ...Object.fromEntries(environment),
    },
    stdio,
    detached: true,
  });
  return watch(child, { ...run, limits: { ...defaultLimits, ...run.limits }, kill: () => killGroup(child.pid) });
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, filter: (source) => path.basename(source) !== '.git' });
}

// What has left the process group lives on: nothing here can hold it.
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has already ended
  }
}
