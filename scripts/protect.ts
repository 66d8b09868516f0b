// npm run protect -- REPOSITORY: lets the base branch of a local bare repository move only by merges that the gate signed.
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Ended, exitCodes } from './cli/exit-codes';
import { run, several, verb } from './cli/verb';
import { whereTyped } from './cli/where';
import { publicKeyIn, protect, unprotect } from './protect/install';

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
    console.log(protect(folder, { branches: options.branch, key: publicKeyIn(readKey(options.key)) }));
  });

function readKey(named: string | undefined): string {
  const own = process.env.MILLWRIGHT_GATE_KEY;
  const file = named === undefined ? own && `${own}.pub` : resolve(whereTyped('protect'), named);
  if (!file || !isAbsolute(file))
    throw new Ended(
      exitCodes.usage,
      "Which key is the gate's? Name its public half with --key FILE, or set MILLWRIGHT_GATE_KEY. A new one: ssh-keygen -t ed25519 -N '' -C millwright-gate -f FILE",
    );
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Ended(exitCodes.usage, `The gate's public key cannot be read: ${(error as Error).message}`);
  }
}

run(command);
