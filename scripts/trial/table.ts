// The table of a run of chaos: each kind of fault, how soon work went on after it, what was left out, and what broke.
import type { Recovery } from './recovery';

export type Outcome = {
  trial: number;
  /** What was tried; with what was not committed in it, it says so. */
  commit: string;
  /** What was delivered. */
  delivered: string;
  faults: string[];
  seconds: number;
  violations: string[];
  recoveries: Recovery[];
  /** Where its evidence lies, when it failed. */
  evidence?: string;
};

export type Report = {
  server: string;
  seed: string;
  leftOut: readonly string[];
  outcomes: readonly Outcome[];
};

export function tableLines({ server, seed, leftOut, outcomes }: Report): string[] {
  const violations = outcomes.flatMap((outcome) => outcome.violations);
  const broken = outcomes.filter((outcome) => outcome.violations.length > 0);
  const [count, failures] = [said(outcomes.length, 'trial'), said(violations.length, 'violation')];
  return [
    ...drawn(['fault', 'trials', 'broken'], kindsOf(outcomes)),
    '',
    ...drawn(['work went on after', 'times', 'p50 s', 'p95 s', 'max s', 'bound s', 'over it'], recoveriesOf(outcomes)),
    '',
    ...leftOut.map((words) => `left out: ${words}`),
    ...[...deliveriesOf(outcomes)].map(([what, times]) => `${what}: ${times}`),
    `${count}, ${failures}${broken.length > 0 ? ` in ${broken.map(({ trial }) => trial).join(', ')}` : ''}`,
    `seed ${seed}, ${server}, commit ${[...new Set(outcomes.map(({ commit }) => commit))].join(', ')}`,
  ];
}

function kindsOf(outcomes: readonly Outcome[]): string[][] {
  const kinds = [...new Set(outcomes.flatMap(({ faults }) => faults))].sort();
  return kinds.map((kind) => {
    const suffered = outcomes.filter(({ faults }) => faults.includes(kind));
    const broken = suffered.filter(({ violations }) => violations.length > 0).length;
    return [kind, `${suffered.length}`, `${broken}`];
  });
}

function recoveriesOf(outcomes: readonly Outcome[]): string[][] {
  const recoveries = outcomes.flatMap((outcome) =>
    outcome.recoveries.map((recovery) => ({ ...recovery, what: recovery.what.replace(/, .*$/, '') })),
  );
  return [...new Set(recoveries.map(({ what }) => what))].sort().map((what) => {
    const own = recoveries.filter((recovery) => recovery.what === what);
    const ordered = own.map(({ seconds }) => seconds).sort((a, b) => a - b);
    const at = (share: number) => ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))]!.toFixed(1);
    const { bound } = own[0]!;
    const late = bound === undefined ? '' : `${ordered.filter((seconds) => seconds > bound).length}`;
    return [what, `${ordered.length}`, at(0.5), at(0.95), at(1), `${bound ?? ''}`, late];
  });
}

function deliveriesOf(outcomes: readonly Outcome[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { delivered } of outcomes) times.set(delivered, (times.get(delivered) ?? 0) + 1);
  return new Map([...times].sort());
}

const said = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function drawn(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)];
}
