// From what the sandbox ran to a verdict about one candidate: red on base, green on candidate, nothing lost.
import type { TestFailure } from './artifacts/test-report';
import { isNamedAsTest } from './paths';
import { withoutTests } from './flakiness';
import type { FileLines, TestCase, TestRun } from './test-run';

export type Runs = {
  /** The base's own tests on the base; undefined where the base has none. */
  baseline?: TestRun;
  /** The base's own tests on the candidate. */
  regression?: TestRun;
  /** The tester's tests on the base: they must fail. */
  red: TestRun;
  /** All tests on the candidate, with coverage: the tester's must pass. */
  green: TestRun;
};

export type Cause = 'base-broken' | 'weak-tests' | 'failing' | 'coverage';

export type Verification = {
  green: boolean;
  cause?: Cause;
  objections: string[];
  failures: TestFailure[];
  total: number;
  passed: number;
  failed: number;
  skipped: number;
  /** Percent of the lines of the source files that the candidate changes. */
  coverage: number | null;
  /** Tests that change their mind: no evidence, neither for nor against. */
  flaky: string[];
  /** The tester's tests that are red on the base only because their file does not load there. */
  redByLoading: number;
  recommendation: 'fix' | 'retest' | 'escalate' | null;
  fingerprint?: string;
};

export type Demand = {
  /** The base's test files. */
  own: readonly string[];
  /** The tester's files. */
  suite: readonly string[];
  /** The source files that the candidate changes, with the lines that count as missed in one that was never loaded. */
  sources: readonly { path: string; lines: number }[];
  coverage?: number;
  /** Tests that change their mind, and those that only do so on the candidate. */
  flaky?: readonly string[];
  unsettled?: readonly string[];
};

const FAILURES_LIMIT = 30;

export function verify(all: Runs, demand: Demand): Verification {
  const flaky = new Set(demand.flaky);
  const runs = withoutTests(all, flaky);
  const broken = baseBroken(all, demand.own);
  const weak = [...weaknesses(all, demand.suite, flaky), ...uncertain(all, demand.suite, flaky)];
  const failing = [...unsettled(demand), ...breakages(runs, demand.suite)];
  const coverage = percentOf(linesOf(runs.green, demand.sources));
  const thin = demand.sources.length > 0 ? thinness(coverage, demand.coverage) : [];
  const [cause, recommendation]: [Cause | undefined, Verification['recommendation']] =
    broken.length > 0
      ? ['base-broken', 'escalate']
      : weak.length > 0
        ? ['weak-tests', 'fix']
        : failing.length > 0
          ? ['failing', 'fix']
          : thin.length > 0
            ? ['coverage', 'fix']
            : [undefined, null];
  const objections = [...broken, ...weak, ...failing, ...thin];
  const failures = failuresIn(runs);
  return {
    green: cause === undefined,
    ...(cause && {
      cause,
      fingerprint: fingerprint([cause, ...objections, ...failures.map(({ error }) => gist(error))]),
    }),
    objections,
    failures,
    ...counts(judged(runs)),
    coverage,
    flaky: [...flaky],
    redByLoading: redByLoading(runs, demand.suite),
    recommendation,
  };
}

function baseBroken({ baseline }: Runs, own: readonly string[]): string[] {
  if (baseline === undefined) return [];
  const { complete, trouble, cases, unloadable } = baseline;
  if (!complete) return [`the base's own tests do not run on the base: ${trouble ?? 'no complete report'}`];
  if (cases.length > 0) return [];
  // A file that does not load is like a test that fails: nobody's fault here. Where nothing ran at all, nothing guards the base.
  const [silent] = own.filter(isNamedAsTest);
  const why = unloadable.map(({ file, error }) => `${file} does not load: ${firstLine(error)}`)[0] ?? silent;
  return why === undefined
    ? []
    : [`none of the base's own tests runs here; .millwright.yaml can name their command: ${why}`];
}

/** What is wrong with the tests themselves: for the tester. */
function weaknesses({ red, green }: Runs, suite: readonly string[], flaky: ReadonlySet<string>): string[] {
  const known = new Set([...green.cases, ...green.unloadable].map(({ file }) => file));
  if (!suite.some((file) => isNamedAsTest(file) || known.has(file))) return ['there are no tests'];
  const counted = (test: TestCase) => suite.includes(test.file) && !flaky.has(test.id);
  const passedOnBase = red.cases.filter((test) => counted(test) && test.outcome === 'passed');
  const hollow = suite.filter((file) => green.complete && isNamedAsTest(file) && !known.has(file));
  return [
    ...(red.complete ? [] : [`the new tests do not finish on the base: ${red.trouble ?? 'no complete report'}`]),
    ...green.unloadable
      .filter(({ file, syntax }) => syntax && suite.includes(file))
      .map(({ file, error }) => `${file} does not load: ${error}`),
    ...hollow.map((file) => `${file} holds no test`),
    ...passedOnBase.map(({ id }) => `passes before the change, so it proves nothing: ${id}`),
    ...green.cases
      .filter((test) => counted(test) && test.outcome === 'skipped')
      .map(({ id }) => `is skipped, so it proves nothing: ${id}`),
  ];
}

/** Where no more of the new tests are certain than not, chance could have made the verdict. */
function uncertain({ green }: Runs, suite: readonly string[], flaky: ReadonlySet<string>): string[] {
  const own = green.cases.filter(({ file }) => suite.includes(file));
  const unsure = own.filter(({ id }) => flaky.has(id));
  return unsure.length > 0 && unsure.length * 2 >= own.length
    ? unsure.map(({ id }) => `changes its mind on the same tree, so it proves nothing: ${id}`)
    : [];
}

const unsettled = ({ unsettled = [] }: Demand) =>
  unsettled.map((id) => `passes each time on the base, and changes its mind on the candidate: ${id}`);

/** What is wrong with the code: for the implementer. */
function breakages(runs: Runs, suite: readonly string[]): string[] {
  const { baseline, regression, green } = runs;
  const now = new Map(regression?.cases.map((test) => [test.id, test.outcome]));
  const neverLoaded = new Set(baseline?.unloadable.map(({ file }) => file));
  const there = new Set(green.cases.map(({ id }) => id));
  const vanished = runs.red.cases.filter(({ id, file }) => green.complete && suite.includes(file) && !there.has(id));
  const lost = (baseline?.cases ?? []).filter((test) => test.outcome === 'passed' && now.get(test.id) !== 'passed');
  return [
    ...(regression === undefined || regression.complete
      ? []
      : [`the base's tests do not finish on the candidate: ${regression.trouble ?? 'no complete report'}`]),
    ...(green.complete ? [] : [`the tests do not finish on the candidate: ${green.trouble ?? 'no complete report'}`]),
    ...lost.map(
      ({ id }) => `passed on the base and ${now.has(id) ? `is ${now.get(id)}` : 'is gone'} on the candidate: ${id}`,
    ),
    ...vanished.map(({ id }) => `ran on the base, and does not on the candidate: ${id}`),
    ...green.unloadable
      .filter(({ file, syntax }) => !(syntax && suite.includes(file)) && !neverLoaded.has(file))
      .map(({ file, error }) => `${file} does not load: ${error}`),
    ...judged(runs)
      .filter(({ outcome, id }) => outcome === 'failed' && !lost.some((test) => test.id === id))
      .map((test) => `fails: ${test.id}${test.error ? ` — ${firstLine(test.error)}` : ''}`),
  ];
}

/** What ran of these files; undefined when nothing measured it. */
function linesOf({ lines }: TestRun, sources: Demand['sources']): Omit<FileLines, 'path'>[] | undefined {
  return lines === null
    ? undefined
    : sources.map(({ path, lines: total }) => lines.find((file) => file.path === path) ?? { covered: 0, total });
}

function percentOf(lines: readonly Omit<FileLines, 'path'>[] | undefined): number | null {
  const covered = (lines ?? []).reduce((sum, file) => sum + file.covered, 0);
  const total = (lines ?? []).reduce((sum, file) => sum + file.total, 0);
  return total === 0 ? null : Math.round((covered / total) * 10_000) / 100;
}

function thinness(coverage: number | null, demanded: number | undefined): string[] {
  if (demanded === undefined) return [];
  if (coverage === null) return [`line coverage could not be measured, and ${demanded} % is demanded`];
  return coverage >= demanded ? [] : [`line coverage is ${coverage.toFixed(1)} %, and ${demanded} % is demanded`];
}

function failuresIn({ regression, green }: Runs): TestFailure[] {
  const of = (run: TestRun | undefined) =>
    (run?.cases ?? [])
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ id, error, location }) => ({
        test: id,
        error: error ?? '',
        location: location ?? '',
        repro_input: run!.command,
      }));
  const loading = green.unloadable.map(({ file, error }) => ({
    test: file,
    error,
    location: file,
    repro_input: green.command,
  }));
  const all = [...loading, ...of(green), ...of(regression)];
  return all.filter(({ test }, at) => all.findIndex((other) => other.test === test) === at).slice(0, FAILURES_LIMIT);
}

/** The tests on the candidate, without those that did not pass before the change either: these are nobody's fault here. */
function judged({ baseline, green }: Runs): readonly TestCase[] {
  const before = new Map(baseline?.cases.map((test) => [test.id, test.outcome]));
  return green.cases.filter(({ id }) => !before.has(id) || before.get(id) === 'passed');
}

function redByLoading({ red, green }: Runs, suite: readonly string[]): number {
  const unloadable = new Set(red.unloadable.map(({ file }) => file));
  return green.cases.filter(({ file }) => suite.includes(file) && unloadable.has(file)).length;
}

function counts(cases: readonly TestCase[]) {
  const of = (outcome: TestCase['outcome']) => cases.filter((test) => test.outcome === outcome).length;
  return { total: cases.length, passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

const firstLine = (text: string) => text.split('\n')[0]!.slice(0, 300);

/** What an error says, without the places that it went through: they move whenever the code does. */
function gist(error: string): string {
  const lines = error.split('\n');
  const raised = lines.filter((line) => /^E\s/.test(line)); // as pytest marks it, below a listing of the code
  return (raised.length > 0 ? raised : lines.filter((line) => !/^\s+at /.test(line))).join('\n');
}

/** FNV-1a: enough to see that a failure is the same again, with what changes between runs left out. */
export function fingerprint(parts: readonly string[]): string {
  const text = parts.map((part) => part.replace(/\d+(\.\d+)?\s?ms|:\d{4,5}\b|0x[0-9a-f]+/g, '#')).join('\n');
  let hash = 0xcbf29ce484222325n;
  for (const char of text) hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0)!)) * 0x100000001b3n);
  return hash.toString(16);
}
