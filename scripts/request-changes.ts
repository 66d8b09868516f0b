// npm run request-changes -- ID --by NAME --note TEXT: sends the candidate, or the plan, that waits back with a person's words.
import { settleApproval, type ApprovalOptions } from './cli/approval';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'request-changes',
  does: 'Sends the candidate, or the plan, that waits for an approval back to be changed: shows it first, and says whether that was accepted.',
  examples: ['shop/login --by ada --note "tokens must expire after an hour"'],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .requiredOption('--note <text>', 'what is to be changed: those who do the work read it')
  .option('--candidate <sha>', 'the commit (or the digest of the plan) that is meant, or its first 7 digits or more')
  .option('--key <file>', KEY_WORDS)
  .option('--yes', 'does not ask at the terminal')
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: ApprovalOptions) => settleApproval('requestChanges', id, options));

run(command);
