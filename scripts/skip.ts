// npm run skip -- ID --by NAME: goes on without a stage that is stuck, or leaves its milestone out, or ends its project.
import { giveOrder, type OrderOptions } from './cli/order';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'skip',
  does: 'Goes on without the stage that is stuck. Where what is merged needs it, its whole milestone is left out, or its project ends.',
  examples: ['shop/login --by ada --note "not needed any more"'],
})
  .argument('<id>', 'a milestone as <project>/<milestone>, or a project of which one part is stuck')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .option('--note <text>', 'why')
  .option('--key <file>', KEY_WORDS)
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: OrderOptions) => giveOrder('skip', id, options));

run(command);
