// npm run guide -- ID --by NAME --note TEXT: tells a milestone that is stuck how to go on.
import { giveOrder, type OrderOptions } from './cli/order';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'guide',
  does: 'Tells work that is stuck how to go on: it is begun again with these words.',
  examples: ['shop/login --by ada --note "use node:crypto, and no dependency"'],
})
  .argument('<id>', 'a milestone as <project>/<milestone>, or a project of which one part is stuck')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .requiredOption('--note <text>', 'what those who do the work are to know')
  .option('--key <file>', KEY_WORDS)
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: OrderOptions) => giveOrder('guide', id, options));

run(command);
