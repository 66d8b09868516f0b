// Small faults in the candidate's own lines, and what it says of the tests which of them they catch. Arithmetic, no opinion.
import type { MutantReport } from './artifacts/mutant-report';
import { fingerprint } from './verification';

/** A source file of the candidate, and the lines that it changes. */
export type ChangedFile = { path: string; content: string; lines: readonly number[] };

/** One small fault: in this file, from here to there, this in the place of that. */
export type Mutant = {
  file: string;
  line: number;
  /** What kind of fault, as the tool that makes it calls it. */
  kind: string;
  start: number;
  end: number;
  original: string;
  replacement: string;
};

/** What came of one fault. */
export type Trial = Mutant & {
  /** `unreached`: no test comes to the code that it is in. */
  outcome: 'caught' | 'survived' | 'unreached';
  /** Of the calls like those of the tests, the share that it answers otherwise; null where none could be made. */
  differs: number | null;
};

/** A function of the changed files, with how many different calls, and of how many arguments, the tests try it. */
export type TriedFunction = { file: string; name: string; calls: number; arguments: number };

export type Tries = {
  trials: readonly Trial[];
  functions: readonly TriedFunction[];
  /** What was not tried, and why, in words. */
  untried: readonly string[];
  untriedCount: number;
  /** How often something was run in the sandbox. */
  runs: number;
  /** Why the tests can tell nothing, where they do not even pass without a fault. */
  unfit?: string;
};

export type MutantVerdict = Pick<
  MutantReport,
  'score' | 'share' | 'breadth' | 'tried' | 'caught' | 'equivalent' | 'survivors' | 'narrow'
> & { enough: boolean; fingerprint?: string };

/** What the pipeline's stage demands where it says nothing else: see docs/test-strength.md for why. */
export const THRESHOLD = 0.86;
export const BUDGET_SECONDS = 300;

const SURVIVORS_LIMIT = 30;
const FRAGMENT_LIMIT_CHARS = 160;
/** A condition that no test needs is worth more than a number that is off by one. */
const CONDITION = 4;
/** How much a first example is short of showing that the others would go well, too. */
const DOUBT = 0.3;
const FEW_CALLS = 4;

/** What the tests show of the faults. Where there is nothing to catch, that is enough. */
export function judgeMutants(
  { trials, functions }: Pick<Tries, 'trials' | 'functions'>,
  threshold: number,
): MutantVerdict {
  const caught = trials.filter(({ outcome }) => outcome === 'caught');
  const missed = trials.filter(({ outcome }) => outcome !== 'caught');
  const survivors = missed.filter((trial) => loss(trial) > 0).sort((a, b) => loss(b) - loss(a));
  const won = sum(caught.map(weight));
  const lost = sum(survivors.map(loss));
  const share = won + lost === 0 ? null : won / (won + lost);
  const breadth = breadthOf(functions);
  const score = share === null ? null : rounded(share * breadth);
  const enough = score === null || score >= threshold;
  const named = survivors.map(({ file, original, replacement }) => `${file} ${original} ${replacement}`).sort();
  return {
    ...{ enough, score, share: share === null ? null : rounded(share), breadth: rounded(breadth) },
    ...{ tried: trials.length, caught: caught.length, equivalent: missed.length - survivors.length },
    ...(!enough && { fingerprint: fingerprint(['survivors', `${breadth}`, ...named]) }),
    survivors: survivors.slice(0, SURVIVORS_LIMIT).map(shown),
    narrow: functions.filter((one) => one.arguments > 0 && one.calls < FEW_CALLS).map(inWords),
  };
}

const weight = ({ kind }: Trial) => (kind === 'ConditionalExpression' ? CONDITION : 1);

/**
 * How much a fault that was not caught says against the tests: the more of the calls like theirs would have shown it, the
 * more. What none of them shows may be no fault at all, unless no test even comes there.
 */
function loss(trial: Trial): number {
  const { outcome, differs } = trial;
  return weight(trial) * (outcome === 'unreached' || differs === null ? 1 : Math.sqrt(differs));
}

/** A few examples may all happen to go well: what is tried with many different arguments is known better. */
function breadthOf(functions: readonly TriedFunction[]): number {
  const open = functions.filter((one) => one.arguments > 0);
  return open.length === 0 ? 1 : sum(open.map(({ calls }) => calls / (calls + DOUBT))) / open.length;
}

function shown({ file, line, kind, original, replacement, outcome }: Trial): MutantReport['survivors'][number] {
  return { file, line, kind, original: cut(original), replacement: cut(replacement), reached: outcome !== 'unreached' };
}

const inWords = ({ file, name, calls }: TriedFunction) =>
  `${name || 'what it exports'} of ${file} is called with ${calls} different ${calls === 1 ? 'list' : 'lists'} of arguments`;

const cut = (text: string) =>
  text.length <= FRAGMENT_LIMIT_CHARS ? text : `${text.slice(0, FRAGMENT_LIMIT_CHARS - 1)}…`;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const rounded = (share: number) => Math.round(share * 1_000) / 1_000;
