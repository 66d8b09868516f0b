// npm run demo: a request becomes merged code before your eyes, with everything that this takes started, and removed, by itself.
import { bringDown } from './demo/bring-down';
import { choose, type DemoOptions } from './demo/choice';
import { perform } from './demo/performance';
import { scriptedPipelines } from './demo/scenario';
import { DEFAULT_PIPELINE } from './demo/way';
import { Ended, exitCodes } from './cli/exit-codes';
import { run, verb } from './cli/verb';

const command = verb({
  name: 'demo',
  does: 'Delivers a request into a new repository, on a Temporal server, workers and a SCRIPTED model that it starts, and asks you to approve each candidate. With --live, a real model answers instead (OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL). Where TEMPORAL_ADDRESS is set, on that server.',
  examples: [
    '',
    '--yes',
    '--pipeline five-agents',
    '--keep',
    '--live "A command that prints the moon’s phase, in Node"',
  ],
})
  .option('--yes', 'approves by itself, and says so: for programs, and where there is no terminal')
  .option(
    '--pipeline <name>',
    `by which pipeline: ${scriptedPipelines.join(', ')} (default: ${DEFAULT_PIPELINE}); with --live, any that npm run pipelines lists`,
  )
  .option('--keep', 'leaves everything up at the end to look around, until Ctrl-C')
  .option('--live <request>', 'delivers this request, with a real model')
  .option('--repository <where>', '--live: into this repository (default: a new one, which stays)')
  .addHelpText(
    'after',
    `  0 only when all milestones are merged and the target's own tests pass; 130 after Ctrl-C.
  Whatever the end: no process, port or folder is left behind, but a repository that --live made.`,
  )
  .action(demo);

async function demo(options: DemoOptions): Promise<void> {
  const choice = await choose(options);
  const down = bringDown();
  try {
    const delivered = await perform(choice, down);
    if (!delivered) throw new Ended(exitCodes.failed, '');
  } catch (error) {
    // What a Ctrl-C takes away fails in its own ways, which are no news.
    if (down.begun) await new Promise(() => undefined);
    throw error;
  } finally {
    await down.close();
  }
}

run(command);
