// npm run resume -- ID --by NAME: goes on after a pause, or looks again at once for what was missing.
import { giveOrder, type OrderOptions } from './cli/order';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'resume',
  does: 'Goes on after a pause. Where a run waits for a credential or a sandbox, it looks again at once.',
  examples: ['shop --by ada'],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .option('--note <text>', 'why')
  .option('--key <file>', KEY_WORDS)
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: OrderOptions) => giveOrder('resume', id, options));

run(command);
