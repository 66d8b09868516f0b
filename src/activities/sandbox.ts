// Runs the tests of one candidate on one base, in the sandbox, and says what they show. It holds no key and pushes nothing.
import { judgeAcceptance, type Acceptance } from '../domain/acceptance';
import { changedMind, knownFlaky, steady } from '../domain/flakiness';
import { isMeasured, isTestFile } from '../domain/paths';
import type { TestTask, Tested } from '../domain/tasks';
import { fingerprint, verify, type Cause, type Runs } from '../domain/verification';
import { alive } from './alive';
import { changedPaths, intrusions } from './intrusions';
import type { Dependencies, Sandbox, Setup, TestRun, TestRunner, TreeEntry, Trees } from './ports';
import { roomFor } from './room';
import { setUp, type InstalledIn } from './set-up';

const TEXT_LIMIT_CHARS = 500;
const NAME_LIMIT_CHARS = 400;
const OBJECTIONS_LIMIT = 40;
const FLAKY_LIMIT_CHARS = 6_000;
const BASE_REPEATS = 4;

export type SandboxActivities = ReturnType<typeof createSandboxActivities>;

type Place = { repository: string; signal: AbortSignal; installed: InstalledIn };
/** Files that are taken from elsewhere, whatever the tree has in their place. */
type Layer = { from: string; paths: readonly string[] };

export function createSandboxActivities({
  trees,
  sandbox,
  runner,
  setup,
  dependencies,
}: {
  trees: Trees;
  sandbox: Sandbox;
  runner: TestRunner;
  setup: Setup;
  dependencies: Dependencies;
}) {
  return {
    runTests: ({ repository, base, candidate, coverage, acceptance, admitted }: TestTask): Promise<Tested> =>
      alive(async (signal) => {
        const began = performance.now();
        const protection = await sandbox.describe();
        const { tree, conflicts } = await trees.mergeTree(repository, base, candidate);
        const about = { candidate, base, tree, sandbox: protection };
        if (conflicts.length > 0)
          return refused(about, 'failing', [
            `it does not merge onto ${base.slice(0, 10)}: conflicts in ${conflicts.join(', ')}`,
          ]);
        const [before, after] = await Promise.all([trees.list(repository, base), trees.list(repository, tree)]);
        const found = await intrusions(trees, repository, [base, before], [tree, after]);
        if (found.length > 0)
          return refused(
            about,
            found.every(({ path }) => isTestFile(path)) ? 'weak-tests' : 'failing',
            found.map(({ path, objection }) => `${path}: ${objection}`),
          );
        const installed = await setUp(
          { setup, dependencies },
          { repository, signal, admitted },
          [base, before],
          [tree, after],
        );
        if ('objections' in installed) return refused(about, 'failing', installed.objections);
        about.sandbox = [protection, installed.get(tree)!.words].filter(Boolean).join('; ');
        const baseTests = testsIn(before);
        const suite = testsIn(after).filter((path) => !baseTests.includes(path));
        const place = { repository, signal, installed };
        const runs: Runs = {
          ...(baseTests.length > 0 && {
            baseline: await run(place, base, baseTests),
            regression: await run(place, tree, baseTests),
          }),
          red: await run(place, base, suite, { over: { from: tree, paths: suite } }),
          green: await run(place, tree, [...baseTests, ...suite], { coverage: true }),
        };
        const sources = await linesIn(repository, tree, changedPaths(before, after).filter(isMeasured));
        const doubts = await changingTests(place, { base, tree, baseTests, suite }, runs);
        const demand = { own: baseTests, suite, sources, ...doubts, ...(coverage !== undefined && { coverage }) };
        const verdict = verify(runs, demand);
        const judged = acceptance && verdict.green ? await accepted(place, { base, tree, acceptance }) : undefined;
        const ms = Math.round(performance.now() - began);
        return { ...bounded({ ...verdict, ...judged }), ...about, ms };
      }),
  };

  /**
   * Which tests change their mind. The base's own have run twice on the candidate as it is, the new ones run once more.
   * One of the base's that does so there and never on the base is no flaky test: the candidate has made it so.
   */
  async function changingTests(
    place: Place,
    { base, tree, baseTests, suite }: { base: string; tree: string; baseTests: string[]; suite: string[] },
    { baseline, regression, red, green }: Runs,
  ): Promise<{ flaky: string[]; unsettled: string[] }> {
    const listed = red.knownFlaky ?? [];
    const known = [red, green, baseline, regression].flatMap((ran) => (ran ? knownFlaky(listed, ran) : []));
    const again = green.complete && suite.length > 0 ? await run(place, tree, suite) : undefined;
    const isNew = (id: string) => green.cases.some((test) => test.id === id && suite.includes(test.file));
    const fresh = changedMind(again, green).filter(isNew);
    const old = changedMind(regression, green).filter((id) => !known.includes(id));
    const tries = baseline ? [baseline] : [];
    for (let more = 0; old.length > 0 && more < BASE_REPEATS; more++) tries.push(await run(place, base, baseTests));
    const unsettled = steady(old, tries);
    return { flaky: [...new Set([...known, ...fresh, ...old.filter((id) => !unsettled.includes(id))])], unsettled };
  }

  /** The user's own tests are laid over the tree in a sandbox of their own; what they say stays here. */
  async function accepted(
    place: Place,
    { base, tree, acceptance }: { base: string; tree: string; acceptance: Acceptance },
  ): Promise<Partial<Tested>> {
    const { repository } = place;
    const entries = (await trees.list(repository, acceptance.tree)).filter(({ mode }) => mode.startsWith('100'));
    const paths = entries.map(({ path }) => path);
    const over = { from: acceptance.tree, paths };
    const after = await run(place, tree, paths, { over });
    const before = acceptance.whole ? undefined : await run(place, base, paths, { over });
    const contents = await trees.read(repository, acceptance.tree, paths);
    const { green, objections } = judgeAcceptance(contents, after, before);
    return green
      ? { acceptance: acceptance.tree }
      : { green, cause: 'acceptance', objections, recommendation: 'fix', fingerprint: fingerprint(objections) };
  }

  /** Runs these test files on a tree, with some of its files taken from another. */
  function run(
    { repository, signal, installed }: Place,
    treeish: string,
    files: readonly string[],
    { over, coverage = false }: { over?: Layer; coverage?: boolean } = {},
  ): Promise<TestRun> {
    return sandbox.withFolder(async (folder) => {
      if (over === undefined) await trees.extract(repository, treeish, folder);
      else await layOver(repository, treeish, over, folder);
      return runner.run({ folder, files, coverage, installed: installed.get(treeish), signal });
    });
  }

  async function layOver(repository: string, treeish: string, { from, paths }: Layer, folder: string): Promise<void> {
    const kept = (await trees.list(repository, treeish)).filter(({ path }) => !paths.includes(path));
    await trees.extract(
      repository,
      treeish,
      folder,
      kept.map(({ path }) => path),
    );
    await trees.extract(repository, from, folder, paths);
  }

  /** The lines of these files that say something; a file that is gone, or says nothing, is left out. */
  async function linesIn(repository: string, tree: string, paths: readonly string[]) {
    const contents = await trees.read(repository, tree, paths);
    return [...contents]
      .map(([path, content]) => ({ path, lines: content.split('\n').filter((line) => line.trim() !== '').length }))
      .filter(({ lines }) => lines > 0);
  }
}

const testsIn = (entries: readonly TreeEntry[]) =>
  entries.filter(({ path, mode }) => mode.startsWith('100') && isTestFile(path)).map(({ path }) => path);

type Unbounded = Pick<Tested, 'objections' | 'failures' | 'flaky'>;

/** What tests say, and how many there are, is theirs to choose; a payload has an end. */
function bounded<V extends Unbounded>(verdict: V): V & Pick<Tested, 'flakyCount'> {
  const { flaky } = verdict;
  return {
    ...verdict,
    objections: verdict.objections.slice(0, OBJECTIONS_LIMIT).map((text) => text.slice(0, TEXT_LIMIT_CHARS)),
    failures: verdict.failures.map(({ test, error, location, repro_input }) => ({
      test: test.slice(0, NAME_LIMIT_CHARS),
      error: error.slice(0, TEXT_LIMIT_CHARS),
      location: location.slice(0, NAME_LIMIT_CHARS),
      repro_input: repro_input.slice(0, TEXT_LIMIT_CHARS),
    })),
    flaky: roomFor(flaky, FLAKY_LIMIT_CHARS),
    flakyCount: flaky.length,
  };
}

function refused(
  about: Pick<Tested, 'candidate' | 'base' | 'tree' | 'sandbox'>,
  cause: Cause,
  objections: string[],
): Tested {
  const nothing = {
    total: 0,
    passed: 0,
    failed: 0,
    skipped: 0,
    coverage: null,
    redByLoading: 0,
    ms: 0,
  };
  return {
    ...about,
    ...nothing,
    ...bounded({
      green: false,
      cause,
      objections,
      failures: [],
      flaky: [],
      recommendation: 'fix',
      fingerprint: fingerprint(objections),
    }),
  };
}
