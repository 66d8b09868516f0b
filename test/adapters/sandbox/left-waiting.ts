import { spawn } from 'node:child_process';
import { findBubblewrap } from '../../../src/adapters/provision/bubblewrap';
import { cacheFolder } from '../../../src/adapters/provision/cache';
import { defaultLimits } from '../../../src/adapters/sandbox/limits';
import { bubblewrapArguments } from '../../../src/adapters/sandbox/policy';
import { commandOf, processesWith } from '../../processes';
import { until } from '../../until';

// A pipe that is full already.
const STALLED = 'exec 4<> <(:); dd if=/dev/zero bs=65536 count=1 >&4 2>/dev/null; exec "$0" "$@"';

/** Bubblewrap killed between its clone and its word to it: it wants to say first which process that is, and cannot. */
export async function leaveWaiting(mark: string): Promise<string> {
  const tools = { bubblewrap: (await findBubblewrap(cacheFolder()))!, nodeBinary: process.execPath };
  const given = { command: ['true', mark], environment: {}, folders: [], files: [] };
  const descriptors = { go: 3, info: 4, seccomp: 5 };
  const args = bubblewrapArguments({ ...tools, ...given, descriptors, limits: defaultLimits });
  const stalled = spawn('bash', ['-c', STALLED, tools.bubblewrap.path, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'ignore', 'ignore'],
    env: { ...process.env, LD_LIBRARY_PATH: tools.bubblewrap.libraries },
  });
  // The shell before it has the mark, too, and so has whatever it forks.
  const found = () => processesWith(mark).filter((pid) => commandOf(pid).startsWith(tools.bubblewrap.path));
  await until(() => found().length >= 2);
  stalled.kill('SIGKILL');
  await until(() => processesWith(mark).length <= 1);
  return found()[0]!;
}
