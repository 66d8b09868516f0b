// Runs the tests of one candidate on one base, in the sandbox, and says what they show. It holds no key and pushes nothing.
import { isTestFile } from '../domain/paths';
import type { TestTask, Tested } from '../domain/tasks';
import { verify, type Runs } from '../domain/verification';
import { alive } from './alive';
import type { Sandbox, TestRun, TestRunner, Trees } from './ports';

const ERROR_LIMIT_CHARS = 600;
const OBJECTIONS_LIMIT = 40;

export type SandboxActivities = ReturnType<typeof createSandboxActivities>;

type Place = { repository: string; signal: AbortSignal };

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
        const runs: Runs = {
          ...(baseTests.length > 0 && {
            baseline: await run(place, [base], baseTests, false),
            regression: await run(place, [tree, { from: base, only: baseTests }], baseTests, false),
          }),
          red: await run(place, [base, { from: tree, only: suite }], suite, false),
          green: await run(place, [tree, { from: base, only: baseTests }], [...baseTests, ...suite], true),
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

  /** Lays trees over each other in a fresh folder, the later over the earlier, and runs these test files there. */
  function run(
    place: Place,
    layers: readonly (string | { from: string; only: readonly string[] })[],
    files: readonly string[],
    coverage: boolean,
  ): Promise<TestRun> {
    return sandbox.withFolder(async (folder) => {
      for (const layer of layers) {
        if (typeof layer === 'string') await trees.extract(place.repository, layer, folder);
        else if (layer.only.length > 0) await trees.extract(place.repository, layer.from, folder, layer.only);
      }
      return runner.run({ folder, files, coverage, signal: place.signal });
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
