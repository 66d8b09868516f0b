// npm run protect -- REPOSITORY: lets the base branch of a local bare repository move only by merges that the gate signed.
import { resolve } from 'node:path';
import { readGateKey } from './cli/gate-key';
import { run, several, verb } from './cli/verb';
import { whereTyped } from './cli/where';
import { protect, unprotect } from './protect/install';

type Options = { branch?: string[]; key?: string; remove?: boolean };

const command = verb({
  name: 'protect',
  does: "Installs an `update` hook into a local bare repository: its base branch then moves only by merges that are signed with the gate's key, for exactly that commit and parent. Every other push to it is refused in words.",
  examples: [
    '/srv/git/shop.git --key /etc/millwright/gate.pub',
    '/srv/git/shop.git --branch main',
    '/srv/git/shop.git --remove',
  ],
})
  .argument('<repository>', 'a bare repository on this machine')
  .option('--branch <name>', "a branch to protect; by default the repository's own; may be said again", several)
  .option('--key <file>', "the gate's public key; by default the one beside MILLWRIGHT_GATE_KEY")
  .option('--remove', 'takes the protection away')
  .action((repository: string, options: Options) => {
    const folder = resolve(whereTyped('protect'), repository);
    if (options.remove) return console.log(unprotect(folder));
    console.log(protect(folder, { branches: options.branch, key: readGateKey(options.key, 'protect') }));
  });

run(command);
