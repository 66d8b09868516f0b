// npm run status [-- ID]: the tree of a run, followed with --watch, or to its end with --wait; without an ID, all projects and what they wait for.
import { wantsColor } from './cli/colour';
import { drawInbox, readInbox } from './cli/inbox';
import { safeJson } from './cli/safe-text';
import { openScreen } from './cli/screen';
import { withServer } from './cli/server';
import { seeRun } from './cli/sight';
import { endWithReader, run, verb } from './cli/verb';
import { viewLines } from './cli/view';
import { waitForEnd } from './cli/wait';
import { watchInbox, watchRun } from './cli/watch';
import { Ended, exitCodes } from './cli/exit-codes';

type Options = { watch?: boolean; wait?: boolean; json?: boolean };

const command = verb({
  name: 'status',
  does: 'Shows a run as a tree: stages, rounds, times, cost, and what each part waits for. Without an ID: all projects, and what waits for a person.',
  examples: ['', '--watch', 'shop', 'shop --watch', 'shop --wait', 'shop/login', 'shop --json'],
})
  .argument('[id]', 'a project, or a milestone as <project>/<milestone>')
  .option(
    '--watch',
    'follows it until it is over (without an ID: until Ctrl-C), in place on a terminal, otherwise a line for each change',
  )
  .option('--wait', 'follows it to its end; exit code 0 only when everything was merged')
  .option(
    '--json',
    'prints { status, milestones, retries, … } (without an ID: the list; with --wait: how it ended) for a program',
  )
  .action(show);

async function show(id: string | undefined, options: Options): Promise<void> {
  if (options.watch && options.json)
    throw new Ended(exitCodes.usage, '--watch is for people, and --json for programs: choose one.');
  if (options.wait && (id === undefined || options.watch))
    throw new Ended(exitCodes.usage, '--wait waits for one run to end: name it, and leave out --watch.');
  endWithReader();
  await (id === undefined ? inbox(options) : one(id, options));
}

async function one(id: string, { watch, wait, json }: Options): Promise<void> {
  await withServer(async (server) => {
    if (wait) return waitForEnd(server, id, json);
    const screen = openScreen();
    if (watch) return void (await watchRun(server, id, screen));
    const sight = await seeRun(server, id);
    const options = { width: screen.width, now: new Date(), color: wantsColor() };
    console.log(json ? safeJson(sight) : viewLines(sight, options).join('\n'));
  });
}

async function inbox({ watch, json }: Options): Promise<void> {
  await withServer(async (server) => {
    const screen = openScreen();
    if (watch) return watchInbox(server, screen);
    const entries = await readInbox(server);
    if (json) return console.log(safeJson(entries));
    console.log(drawInbox(entries, new Date(), screen.width, wantsColor()).join('\n'));
  });
}

run(command);
