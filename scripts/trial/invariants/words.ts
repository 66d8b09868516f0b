// What several invariants speak of: the merges on the branch, runs as people see them, what came more than once, commits in short.
import type { Trial } from '../evidence';
import type { Run } from '../history';
import type { Commit, Repository } from '../repository';

/** What is broken, and where; nothing where all is well. */
export type Words = string[];

export const short = (sha: string | undefined): string => sha?.slice(0, 10) ?? 'nothing';

/** Every commit along the branch's first parents that no person made. */
export const mergesOf = (repository: Repository, { branch, own }: Trial): Commit[] =>
  repository.commits(branch).filter(({ sha }) => !own.includes(sha));

/** One that was reset lives on in another of the same id, which is what people see. */
export const latest = (runs: readonly Run[]): Run[] =>
  runs.filter((run) => runs.every((other) => other.workflowId !== run.workflowId || other.lastAt <= run.lastAt));

export function repeated<T>(all: readonly T[], by: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  return [...groups].filter(([, found]) => found.length > 1);
}
