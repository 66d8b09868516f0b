// npm run approve -- ID --by NAME: shows what waits for a person's word, sends it, and says what became of it.
import { pathsIn, settleApproval, type ApprovalOptions } from './cli/approval';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'approve',
  does: 'Approves the candidate, or the plan, that waits: shows it first (changes, tests, review, scores), and says whether the approval was accepted.',
  examples: [
    'shop --by ada',
    'shop/login --by ada --candidate 3f2a91c --note "reads well" --yes',
    'shop/login --by ada --paths package.json,.github/workflows/ci.yml',
    'shop/login --by ada --paths package-lock.json --dependencies left-pad@1.3.0',
  ],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .requiredOption('--by <name>', 'who approves; one of the approvers, where the request names them')
  .option('--candidate <sha>', 'the commit (or the digest of the plan) that is meant, or its first 7 digits or more')
  .option('--note <text>', 'is kept with the approval')
  .option(
    '--paths <list>',
    'the protected paths that it changes, all of them, with commas between; asked for at a terminal',
    pathsIn,
  )
  .option(
    '--dependencies <list>',
    'the new dependencies that it brings, all of them, as NAME@VERSION with commas between; asked for at a terminal',
    pathsIn,
  )
  .option('--key <file>', KEY_WORDS)
  .option('--yes', 'does not ask at the terminal')
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: ApprovalOptions) => settleApproval('approve', id, options));

run(command);
