// Starts a run in the sandbox and is killed so many milliseconds later, as a worker may be: `doomed.ts <folder> <ms> <command…>`
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';

const [scratch, ms, ...command] = process.argv.slice(2) as [string, string, ...string[]];

async function main(): Promise<void> {
  const sandbox = createSandbox({ scratch });
  await sandbox.describe();
  await sandbox.withFolder((folder) => {
    const began = performance.now();
    const wait = () =>
      performance.now() - began < Number(ms) ? setImmediate(wait) : process.kill(process.pid, 'SIGKILL');
    wait();
    return sandbox.run({ command, folder });
  });
}

void main();
