// Run by test/hostile/sandbox.test.ts as a user without rights: the sandbox proves itself, and runs a program.
import path from 'node:path';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';

async function main(own: string): Promise<void> {
  const sandbox = createSandbox({ scratch: path.join(own, 'scratch'), cache: path.join(own, 'cache') });
  console.log(await sandbox.describe());
  const script = `let said = 'no'; try { require('fs').readdirSync(${JSON.stringify(own)}); said = 'FOUND' } catch {} console.log('uid ' + process.getuid() + ', ' + said)`;
  const { stdout } = await sandbox.withFolder((folder) => sandbox.run({ command: ['node', '-e', script], folder }));
  process.stdout.write(stdout);
}

void main(process.argv[2]!);
