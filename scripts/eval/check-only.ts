// The check of mutants by itself, on each task's code and tests: what it would send back, without a delivery around it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMutantTrials } from '../../src/adapters/mutators/mutant-trials';
import { providePytest } from '../../src/adapters/provision/pytest';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import { BUDGET_SECONDS, judgeMutants } from '../../src/domain/mutants';
import { isTestFile } from '../../src/domain/paths';
import { readConfig } from '../../src/workers/config';
import { sandboxOf } from '../demo/own-tests';
import type { Delivered } from './delivery';
import type { Measured } from './measure';
import type { Files, Task } from './tasks';
import { named, type Variant } from './variants';

type How = { parallel: number; ways: readonly Variant[]; threshold: number; say(line: string): void };

export async function checkOnly(tasks: readonly Task[], { parallel, ways, threshold, say }: How): Promise<Measured[]> {
  const config = readConfig();
  const sandbox = sandboxOf(config);
  await sandbox.describe();
  const runner = createTestRunner({ sandbox, cache: config.cache });
  const mutants = createMutantTrials({ sandbox, runner, python: () => providePytest(config.cache) });
  const measured: Measured[] = tasks.map(({ id }) => ({ id, deliveries: [] }));
  let [at, done] = [0, 0];
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (at < tasks.length) {
        const [task, mine] = [tasks[at]!, measured[at++]!.deliveries];
        for (const way of ways) mine.push(...(await checked(task, way)));
        say(
          `${++done} of ${tasks.length} ${task.id}: ${mine
            .filter((one) => one.mutants_said)
            .map(inWords)
            .join(', ')}`,
        );
      }
    }),
  );
  return measured;

  /** As if it had been delivered; nothing where its tests do not pass by themselves, or cannot be judged. */
  async function checked(task: Task, way: Variant): Promise<Delivered[]> {
    const [code, suite] = [task[way.code], way.tests === 'strong' ? task.tests : task.weak_tests];
    const tests = [...task.files, ...suite].map(({ path }) => path).filter(isTestFile);
    const began = performance.now();
    return sandbox.withFolder(async (folder) => {
      write(folder, [...task.files, ...code, ...suite]);
      const { complete, cases, unloadable } = await runner.run({ folder, files: tests, coverage: false });
      const passes = complete && cases.length > 0 && cases.every(({ outcome }) => outcome === 'passed');
      if (!passes || unloadable.length > 0) return [];
      const files = code.map((file) => ({ ...file, lines: linesOf(file, task.files) }));
      const tries = await mutants.run({ folder, tests, files, seed: task.id, seconds: BUDGET_SECONDS });
      const { enough, survivors: _, narrow: __, fingerprint: ___, ...said } = judgeMutants(tries, threshold);
      if (tries.unfit !== undefined || tries.untriedCount > 0)
        say(`${task.id} ${named(way)}: ${tries.unfit ?? tries.untried.join('; ')}`);
      if (tries.unfit !== undefined) return [];
      const ms = Math.round(performance.now() - began);
      const outcome = enough ? ('merged' as const) : ('refused' as const);
      return [
        { ...way, mutants: true, outcome, ms, runs: tries.runs, mutants_said: { ...said, ms }, sent_back: !enough },
      ];
    });
  }
}

const inWords = ({ mutants_said: said, ...way }: Delivered) =>
  `${named({ ...way, mutants: false })} ${said!.score ?? 'no score'}`;

/** Those that were not there before, as far as that can be told without a diff. */
function linesOf({ path, content }: Files[number], before: Files): number[] {
  const old = new Set(before.find((file) => file.path === path)?.content.split('\n'));
  return content.split('\n').flatMap((line, at) => (old.has(line) ? [] : [at + 1]));
}

function write(folder: string, files: Files): void {
  for (const { path, content } of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
