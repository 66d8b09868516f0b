// Tests that change their mind on the same tree: found by comparing runs, and taken out of what is judged.
import type { TestRun } from './test-run';
import type { Runs } from './verification';

/** Those that passed in one of two runs of a tree and failed in the other. */
export function changedMind(one: TestRun | undefined, other: TestRun | undefined): string[] {
  if (!one?.complete || !other?.complete) return [];
  const outcomes = new Map(one.cases.map(({ id, outcome }) => [id, outcome]));
  return other.cases
    .filter(({ id, outcome }) => [outcome, outcomes.get(id)].sort().join() === 'failed,passed')
    .map(({ id }) => id);
}

/** Of these tests, those that passed in each of these runs. */
export const steady = (ids: readonly string[], runs: readonly TestRun[]): string[] =>
  ids.filter((id) => runs.every(({ cases }) => cases.some((test) => test.id === id && test.outcome === 'passed')));

/** Those of a run that the base's list names, by the test or by its file. */
export const knownFlaky = (list: readonly string[], { cases }: TestRun): string[] =>
  cases.filter(({ id, file }) => list.includes(id) || list.includes(file)).map(({ id }) => id);

export function withoutTests({ baseline, regression, red, green }: Runs, ids: ReadonlySet<string>): Runs {
  const of = (run: TestRun) => ({ ...run, cases: run.cases.filter(({ id }) => !ids.has(id)) });
  return {
    ...(baseline && { baseline: of(baseline) }),
    ...(regression && { regression: of(regression) }),
    ...{ red: of(red), green: of(green) },
  };
}
