// Run by test/hostile/setup.test.ts as a user without rights: installs what these files say, and looks at it from inside.
import path from 'node:path';
import type { Trees } from '../../src/activities/ports';
import { createRegistries, type RegistrySettings } from '../../src/adapters/registries/registries';
import { withInstalled } from '../../src/adapters/sandbox/installed';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { createSetup } from '../../src/adapters/setup/setup';

type Task = { registries: RegistrySettings; files: Record<string, string> };

async function main(own: string, { registries, files }: Task): Promise<void> {
  const cache = path.join(own, 'cache');
  const sandbox = createSandbox({ scratch: path.join(own, 'scratch'), cache });
  const trees = { read: () => Promise.resolve(new Map(Object.entries(files))) } as Partial<Trees> as Trees;
  const setup = createSetup({ trees, sandbox, cache, capBytes: 1e9, registries: createRegistries(registries) });
  const entries = Object.keys(files).map((name) => ({ path: name, mode: '100644', sha: '', bytes: 0 }));
  const installed = await setup.setUp({ repository: '', treeish: '', entries });
  if ('objections' in installed) throw new Error(installed.objections.join());
  console.log(installed.words);
  const script =
    "let said; try { require('fs').writeFileSync(require.resolve('seven'), '') } catch (error) { said = error.code } console.log('found ' + require('seven') + ', ' + said)";
  const { stdout, stderr } = await sandbox.withFolder((folder) =>
    // A script's own folder is where it looks first.
    withInstalled(sandbox, installed).run({ command: ['node', '-e', script], folder }),
  );
  process.stdout.write(stdout + stderr);
}

void main(process.argv[2]!, JSON.parse(process.argv[3]!) as Task);
