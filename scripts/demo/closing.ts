// What came of it: the target's history, the report, whether its own tests pass, what was sent back, and how long it took.
import { readDelivery } from '../../src/activities/delivery';
import { composeReport } from '../../src/domain/report';
import type { Status } from '../../src/domain/status';
import type { Config } from '../../src/workers/config';
import { duration } from '../cli/amounts';
import { exitCodeOf } from '../cli/ending';
import { exitCodes } from '../cli/exit-codes';
import { reportLines } from '../cli/report-lines';
import { gitHere } from '../cli/repository-reading';
import { oneLine } from '../cli/safe-text';
import { readCalls } from './calls';
import type { Display } from './display';
import type { Followed } from './follow';
import { graphLines } from './graph';
import { runOwnTests, type OwnTests } from './own-tests';
import { readReworks, type Rework } from './reworks';
import type { Way } from './way';

export type Times = { setUpMs: number; deliveryMs: number };

type Place = { config: Config; folder: string; display: Display; way: Way };

/** Shows it, and says whether all of it is as it should be. */
export async function closing(
  { sight, milestones, settledMs }: Followed,
  times: Times,
  place: Place,
): Promise<boolean> {
  const { display, config, folder, way } = place;
  const status = sight.status!;
  const merged = status.milestones.filter(({ state }) => state === 'merged').length;
  display.settle();
  heading(display, `The target’s ${status.branch}: git log --graph --oneline --decorate`);
  for (const line of await graphLines(status, folder, display.width)) display.say(line);
  const report = composeReport(status, await readDelivery(gitHere(), status.repository, status));
  heading(display, 'The report');
  for (const line of reportLines(status, report, display.width)) display.say(line);
  heading(display, 'In short');
  const tests = merged === 0 ? undefined : await runOwnTests(status, config);
  const reworks = await readReworks(milestones, way);
  const done = exitCodeOf(sight) === exitCodes.done && tests?.green === true;
  for (const line of [
    `${mark(exitCodeOf(sight) === exitCodes.done)} ${merged} of ${status.milestones.length} milestones merged`,
    ...testLines(tests, status),
    ...reworkLines(reworks),
    callLine(await readCalls(status)),
    timeLine(times, settledMs),
  ])
    display.say(line, line.startsWith('✓') ? 'green' : line.startsWith('✗') ? 'red' : undefined);
  return done;
}

const mark = (good: boolean) => (good ? '✓' : '✗');

const heading = (display: Display, text: string) => {
  display.say('');
  display.say(`── ${text} ${'─'.repeat(Math.max(0, display.width - text.length - 4))}`, 'bold');
};

function testLines(tests: OwnTests | undefined, { branch }: Status): string[] {
  if (tests === undefined) return [];
  const { green, passed, total, trouble, ms } = tests;
  const seconds = (ms / 1000).toFixed(1);
  const line = `${mark(green)} ${passed} of ${total} of the target's own tests pass on its ${branch} (in the sandbox, ${seconds} s)`;
  return [line, ...(trouble === undefined ? [] : [`  ${oneLine(trouble)}`])];
}

function reworkLines(reworks: readonly Rework[]): string[] {
  const count = reworks.length === 1 ? '1 rework' : `${reworks.length} reworks`;
  return [
    `  ${count}${reworks.length === 0 ? '' : ', sent back by:'}`,
    ...reworks.map(({ milestone, stage, summary }) =>
      oneLine(`${stage} of ${milestone}: ${summary}`).replace(/^/, '    '),
    ),
  ];
}

function callLine(calls: readonly [string, number][]): string {
  return `  model calls: ${calls.map(([model, count]) => `${count} of ${oneLine(model)}`).join(', ') || 'none'}`;
}

function timeLine({ setUpMs, deliveryMs }: Times, settledMs: number): string {
  const waited = settledMs < 5_000 ? '' : `, of which ${duration(settledMs)} waiting for you`;
  return `  set up in ${duration(setUpMs)}, delivered in ${duration(deliveryMs)}${waited}`;
}
