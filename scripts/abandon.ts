// npm run abandon -- ID --by NAME: ends a project, or a milestone, without merging it.
import { giveOrder, type OrderOptions } from './cli/order';
import { run, verb } from './cli/verb';

const command = verb({
  name: 'abandon',
  does: 'Ends a project, or one milestone of it, for good. What has been merged stays merged.',
  examples: ['shop/login --by ada --note "we buy this instead" --yes'],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .option('--note <text>', 'why')
  .option('--yes', 'does not ask at the terminal')
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: OrderOptions) =>
    giveOrder('abandon', id, options, { question: `Abandon ${id} for good?` }),
  );

run(command);
