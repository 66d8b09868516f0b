// npm run verify-receipt -- COMMIT: whether a merge is what the gate's signed receipt says, without a server and without a network.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { Ended, exitCodes } from './cli/exit-codes';
import { readGateKey } from './cli/gate-key';
import { oneLine, safeJson } from './cli/safe-text';
import { run, verb } from './cli/verb';
import { whereTyped } from './cli/where';
import { NoReceipt, verifyReceipt } from './receipt/verify';

type Options = { repository: string; key?: string; json?: boolean };

const command = verb({
  name: 'verify-receipt',
  does: 'Checks a merge against its receipt: that the gate signed it, for this commit, tree, base and candidate, and that the ledger holds the evidence and the prompts that it names. Needs neither server nor network.',
  examples: ['3f2a91c --repository ../shop --key gate.pub', 'main --repository ../shop --json'],
})
  .argument('<commit>', 'the merge, as git names it')
  .option('--repository <folder>', 'a clone that has the ledger (refs/millwright/*)', '.')
  .option('--key <file>', "the gate's public key; by default the one beside MILLWRIGHT_GATE_KEY")
  .option('--json', 'prints { commit, holds, findings } for a program')
  .action((commit: string, options: Options) => {
    const git = gitAt(resolve(whereTyped('verify-receipt'), options.repository));
    const findings = found(git, commitAt(git, commit), readGateKey(options.key, 'verify-receipt'));
    const holds = findings.every((finding) => finding.holds);
    if (options.json) console.log(safeJson({ commit, holds, findings }));
    else for (const { holds: ok, what } of findings) console.log(`${ok ? '✓' : '✗'} ${oneLine(what)}`);
    if (!holds)
      throw new Ended(exitCodes.failed, 'The receipt does not hold: do not trust this merge before you know why.');
  });

function found(...of: Parameters<typeof verifyReceipt>): ReturnType<typeof verifyReceipt> {
  try {
    return verifyReceipt(...of);
  } catch (error) {
    throw error instanceof NoReceipt ? new Ended(exitCodes.notFound, oneLine(error.message)) : error;
  }
}

function gitAt(folder: string): (...args: string[]) => string {
  const env = { ...process.env, GIT_NO_REPLACE_OBJECTS: '1', LC_ALL: 'C.UTF-8' };
  return (...args) =>
    execFileSync('git', ['-C', folder, ...args], {
      env,
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
}

function commitAt(git: (...args: string[]) => string, name: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).trim();
  } catch {
    throw new Ended(
      exitCodes.usage,
      oneLine(`There is no commit ${name} here. Is --repository a clone of what it was merged into?`),
    );
  }
}

run(command);
