// npm run pause -- ID --by NAME: begins nothing new until it is resumed.
import { giveOrder, type OrderOptions } from './cli/order';
import { KEY_WORDS, run, verb } from './cli/verb';

const command = verb({
  name: 'pause',
  does: 'Pauses a project with its milestones, or one milestone: what is under way is finished, and nothing new is begun.',
  examples: ['shop --by ada'],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .requiredOption('--by <name>', 'who decides; one of the approvers, where the request names them')
  .option('--note <text>', 'why')
  .option('--key <file>', KEY_WORDS)
  .option('--json', 'prints what became of it for a program')
  .action((id: string, options: OrderOptions) => giveOrder('pause', id, options));

run(command);
