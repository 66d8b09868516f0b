// npm run eval -- FILE: delivers tasks whose right and wrong answers are known, and says what was merged and what was not.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { THRESHOLD } from '../src/domain/mutants';
import { Ended, exitCodes } from './cli/exit-codes';
import { safeJson } from './cli/safe-text';
import { run, verb, whole } from './cli/verb';
import { whereTyped } from './cli/where';
import { bringDown } from './demo/bring-down';
import { checkOnly } from './eval/check-only';
import { figuresOf } from './eval/figures';
import { curveLines, figureLines } from './eval/lines';
import { measure, type Measured } from './eval/measure';
import { raise } from './eval/stand';
import { BrokenTask, tasksIn, type Task } from './eval/tasks';
import { named, plain, type Variant } from './eval/variants';

type Options = {
  checkOnly?: boolean;
  json?: boolean;
  only?: number;
  parallel: number;
  threshold: number;
  ways: readonly Variant[];
};

const command = verb({
  name: 'eval',
  does: 'Delivers each task of a file, one JSON a line {id, request, files, good, buggy, tests, weak_tests}, with a scripted model that plays a coder (good or buggy), a tester (strong or weak tests), an obliging reviewer and an obliging approver. Prints what was merged, with and without a check of mutants, and what that check would do at other thresholds.',
  examples: [
    'tasks.jsonl',
    'tasks.jsonl --only 10 --parallel 4',
    'tasks.jsonl --check-only --ways good-strong,buggy-weak',
  ],
})
  .argument('<file>', 'the tasks')
  .option('--only <number>', 'the first so many tasks', whole)
  .option('--parallel <number>', 'deliveries at once', atLeastOne, Math.max(1, availableParallelism()))
  .option('--threshold <share>', 'what the check of mutants demands, from 0 to 1', share, THRESHOLD)
  .option('--ways <list>', `of ${plain.map(named).join(', ')} only these`, waysIn, plain)
  .option(
    '--check-only',
    'nothing is delivered: only the check of mutants is run, on code and tests that pass together',
  )
  .option('--json', 'prints { settings, figures, curve, tasks } for a program')
  .action(async (file: string, { checkOnly: alone, json, only, parallel, threshold, ways }: Options) => {
    const tasks = read(resolve(whereTyped('eval'), file)).slice(0, only);
    if (alone) return printChecks(await checkOnly(tasks, { parallel, ways, threshold, say: tell }), threshold, json);
    const down = bringDown();
    try {
      const stand = await raise({ tasks, parallel, threshold, down, say: tell });
      const measured = await measure(stand, tasks, { parallel, ways, say: tell });
      const figures = figuresOf(measured, threshold);
      if (json) console.log(safeJson({ settings: { threshold, parallel }, ...figures, tasks: measured }));
      else for (const line of figureLines(figures)) console.log(line);
      if (figures.lost.length > 0)
        throw new Ended(
          exitCodes.failed,
          `${figures.lost.length} deliveries came to no end, and are in no figure: ${figures.lost.join('; ')}`,
        );
    } finally {
      await down.close();
    }
  });

function tell(line: string): void {
  console.error(line);
}

function printChecks(measured: readonly Measured[], threshold: number, json = false): void {
  const { curve } = figuresOf(measured, threshold);
  if (json) console.log(safeJson({ settings: { threshold }, curve, tasks: measured }));
  else for (const line of curveLines({ threshold, curve })) console.log(line);
}

function read(file: string): Task[] {
  try {
    return tasksIn(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof BrokenTask) throw new Ended(exitCodes.usage, `${file}:${error.line}: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Ended(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}`);
  }
}

function waysIn(text: string): Variant[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !plain.some((variant) => named(variant) === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no "${unknown}"; expected some of ${plain.map(named).join(', ')}.`);
  return plain.filter((variant) => names.includes(named(variant)));
}

function atLeastOne(text: string): number {
  const number = whole(text);
  if (number < 1) throw new InvalidArgumentError('Expected 1 or more.');
  return number;
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return number;
}

run(command);
