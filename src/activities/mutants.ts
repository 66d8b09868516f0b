// Tries small faults in the lines that a candidate changes against its tests. It holds no key and pushes nothing.
import { permanent } from '../domain/failures';
import { judgeMutants } from '../domain/mutants';
import { addedLines } from '../domain/patch';
import { isSource, isTestFile } from '../domain/paths';
import type { MutantsTask, MutantsTried } from '../domain/tasks';
import { alive } from './alive';
import { changedPaths } from './intrusions';
import type { Dependencies, MutantTrials, Sandbox, Setup, Trees } from './ports';
import { roomFor } from './room';
import { setUp } from './set-up';

const LIST_LIMIT_CHARS = 20_000;
const WHY_LIMIT_CHARS = 600;

export type MutantActivities = ReturnType<typeof createMutantActivities>;

type Deps = { trees: Trees; sandbox: Sandbox; mutants: MutantTrials; setup: Setup; dependencies: Dependencies };

export function createMutantActivities({ trees, sandbox, mutants, setup, dependencies }: Deps) {
  return {
    tryMutants: ({ repository, base, candidate, threshold, seconds, admitted }: MutantsTask): Promise<MutantsTried> =>
      alive(async (signal) => {
        const began = performance.now();
        const protection = await sandbox.describe();
        const { tree } = await trees.mergeTree(repository, base, candidate);
        const [before, after] = await Promise.all([trees.list(repository, base), trees.list(repository, tree)]);
        const isFile = (path: string) => after.some((entry) => entry.path === path && entry.mode.startsWith('100'));
        const files = await changedFiles(
          repository,
          base,
          tree,
          changedPaths(before, after).filter((path) => isSource(path) && isFile(path)),
        );
        const tests = after.map(({ path }) => path).filter((path) => isTestFile(path) && isFile(path));
        const ready = await setUp(
          { setup, dependencies },
          { repository, signal, admitted },
          [base, before],
          [tree, after],
        );
        // The tests have run on this very tree, so it could be set up.
        if ('objections' in ready) throw permanent('DependenciesRefused', ready.objections.join('; '));
        const installed = ready.get(tree);
        const tries = await sandbox.withFolder(async (folder) => {
          await trees.extract(repository, tree, folder);
          return mutants.run({ folder, tests, installed, files, seed: candidate, seconds, signal });
        });
        const { untriedCount, runs, unfit } = tries;
        const verdict = judgeMutants(tries, threshold);
        return {
          ...verdict,
          narrow: roomFor(verdict.narrow, LIST_LIMIT_CHARS),
          untried: roomFor(tries.untried, LIST_LIMIT_CHARS),
          ...{ untriedCount, runs, threshold, candidate, base, tree, sandbox: protection },
          ...(unfit !== undefined && { unfit: unfit.slice(0, WHY_LIMIT_CHARS) }),
          ms: Math.round(performance.now() - began),
        };
      }),
  };

  async function changedFiles(repository: string, base: string, tree: string, paths: readonly string[]) {
    const contents = await trees.read(repository, tree, paths);
    return Promise.all(
      [...contents].map(async ([path, content]) => {
        const { patch } = await trees.diff(repository, base, tree, [path]);
        return { path, content, lines: addedLines(patch) };
      }),
    );
  }
}
