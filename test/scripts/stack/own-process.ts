// Runs a few lines that use scripts/stack in a process of their own, which a test may then kill.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = `${__dirname}/../../..`;

/** `code` may await, and sees `stack(name)`: a module of scripts/stack. It stays alive until it is ended. */
export function ownProcess(code: string, complaints: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
  const whole = `
    require('tsx/cjs');
    const stack = (name) => require('./scripts/stack/' + name + '.ts');
    setInterval(() => undefined, 1000);
    (async () => { ${code} })();`;
  return spawn(process.execPath, ['-e', whole], { cwd: ROOT, stdio: ['ignore', 'pipe', complaints] });
}

/** The first line that it prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return line;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function untilGone(pid: number, withinSeconds = 60): Promise<boolean> {
  const deadline = Date.now() + withinSeconds * 1000;
  while (isAlive(pid) && Date.now() < deadline) await pause(50);
  return !isAlive(pid);
}
