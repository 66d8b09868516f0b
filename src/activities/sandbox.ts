// Runs the tests of one candidate on one base, in the sandbox, and says what they show. It holds no key and pushes nothing.
import { isTestFile } from '../domain/paths';
import type { TestTask, Tested } from '../domain/tasks';
import { verify, type Runs } from '../domain/verification';
import { alive } from './alive';
import type { Sandbox, TestRun, TestRunner, Trees } from './ports';

const ERROR_LIMIT_CHARS = 600;
const OBJECTIONS_LIMIT = 40;
const RUNNER_CONFIG = '.millwright.yaml';

export type SandboxActivities = ReturnType<typeof createSandboxActivities>;

type Place = { repository: string; signal: AbortSignal };
/** Files that are taken from elsewhere, whatever the tree has in their place. */
type Layer = { from: string; paths: readonly string[] };

export function createSandboxActivities({
  trees,
  sandbox,
  runner,
}: {
  trees: Trees;
  sandbox: Sandbox;
  runner: TestRunner;
}) {
  return {
    runTests: ({ repository, base, candidate, coverage }: TestTask): Promise<Tested> =>
      alive(async (signal) => {
        const began = performance.now();
        const protection = await sandbox.describe();
        const { tree, conflicts } = await trees.mergeTree(repository, base, candidate);
        if (conflicts.length > 0) return conflicted({ candidate, base, tree, sandbox: protection }, conflicts);
        const [baseTests, allTests] = await Promise.all([testsIn(repository, base), testsIn(repository, tree)]);
        const suite = allTests.filter((path) => !baseTests.includes(path));
        const place = { repository, signal };
        // What judges comes from the base, whatever the candidate says: its own tests, and how tests are run at all.
        const own = { from: base, paths: [...baseTests, RUNNER_CONFIG] };
        const on = (treeish: string, over: Layer, files: readonly string[], measured = false) =>
          run(place, treeish, over, files, measured);
        const runs: Runs = {
          ...(baseTests.length > 0 && {
            baseline: await on(base, own, baseTests),
            regression: await on(tree, own, baseTests),
          }),
          red: await on(base, { from: tree, paths: suite }, suite),
          green: await on(tree, own, [...baseTests, ...suite], true),
        };
        const verdict = verify(runs, { suite, ...(coverage !== undefined && { coverage }) });
        const ms = Math.round(performance.now() - began);
        return { ...bounded(verdict), candidate, base, tree, sandbox: protection, ms };
      }),
  };

  async function testsIn(repository: string, treeish: string): Promise<string[]> {
    const entries = await trees.list(repository, treeish);
    return entries.filter(({ path, mode }) => mode.startsWith('100') && isTestFile(path)).map(({ path }) => path);
  }

  /** Runs these test files on a tree, with some of its files taken from another. */
  function run(
    place: Place,
    treeish: string,
    over: Layer,
    files: readonly string[],
    coverage: boolean,
  ): Promise<TestRun> {
    return sandbox.withFolder(async (folder) => {
      const { repository, signal } = place;
      const kept = (await trees.list(repository, treeish)).filter(({ path }) => !over.paths.includes(path));
      await trees.extract(
        repository,
        treeish,
        folder,
        kept.map(({ path }) => path),
      );
      const present = (await trees.list(repository, over.from)).filter(({ path }) => over.paths.includes(path));
      await trees.extract(
        repository,
        over.from,
        folder,
        present.map(({ path }) => path),
      );
      return runner.run({ folder, files, coverage, signal });
    });
  }
}

function bounded<V extends { objections: string[]; failures: Tested['failures'] }>(verdict: V): V {
  return {
    ...verdict,
    objections: verdict.objections.slice(0, OBJECTIONS_LIMIT).map((text) => text.slice(0, ERROR_LIMIT_CHARS)),
    failures: verdict.failures.map((failure) => ({ ...failure, error: failure.error.slice(0, ERROR_LIMIT_CHARS) })),
  };
}

function conflicted(about: Pick<Tested, 'candidate' | 'base' | 'tree' | 'sandbox'>, paths: readonly string[]): Tested {
  const objections = [`it does not merge onto ${about.base.slice(0, 10)}: conflicts in ${paths.join(', ')}`];
  return {
    ...about,
    green: false,
    cause: 'failing',
    objections,
    failures: [],
    total: 0,
    passed: 0,
    failed: 0,
    skipped: 0,
    coverage: null,
    recommendation: 'fix',
    fingerprint: objections.join(),
    ms: 0,
  };
}
