// npm run budget -- ID --usd SUM --by NAME: what a project may spend, from now on.
import { giveOrder, type OrderOptions } from './cli/order';
import { dollars, run, verb } from './cli/verb';

type Options = OrderOptions & { usd: number };

const command = verb({
  name: 'budget',
  does: 'Sets what a project may spend on models in all, what is spent already included. It goes on where it waits for `budget`.',
  examples: ['shop --usd 20 --by ada'],
})
  .argument('<id>', 'a project, or a milestone that was started alone')
  .requiredOption('--usd <sum>', 'US dollars', dollars)
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .option('--note <text>', 'why')
  .option('--json', 'prints what became of it for a program')
  .action((id: string, { usd, ...options }: Options) => giveOrder('budget', id, options, { usd }));

run(command);
