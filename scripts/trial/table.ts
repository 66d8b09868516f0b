// The table of a run of chaos: each kind of fault, how soon work went on after it, and what broke.
import type { Outcome } from '../chaos';

export function tableLines(outcomes: readonly Outcome[]): string[] {
  const kinds = [...new Set(outcomes.flatMap(({ faults }) => faults))].sort();
  const rows = kinds.map((kind) => {
    const suffered = outcomes.filter(({ faults }) => faults.includes(kind));
    const broken = suffered.filter(({ violations }) => violations.length > 0).length;
    return [kind, `${suffered.length}`, `${broken}`];
  });
  const recoveries = outcomes.flatMap((outcome) =>
    outcome.recoveries.map((recovery) => ({ ...recovery, what: recovery.what.replace(/, in .*$/, '') })),
  );
  const events = [...new Set(recoveries.map(({ what }) => what))].sort().map((what) => {
    const seconds = recoveries.filter((recovery) => recovery.what === what).map((recovery) => recovery.seconds);
    const ordered = seconds.sort((a, b) => a - b);
    const at = (share: number) => ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))]!.toFixed(1);
    const bound = recoveries.find((recovery) => recovery.what === what)!.bound;
    return [what, `${ordered.length}`, at(0.5), at(0.95), at(1), bound === undefined ? '' : `${bound}`];
  });
  const violations = outcomes.flatMap((outcome) => outcome.violations);
  return [
    ...drawn(['fault', 'trials', 'broken'], rows),
    '',
    ...drawn(['work went on after', 'times', 'p50 s', 'p95 s', 'max s', 'bound s'], events),
    '',
    `${outcomes.length} trials, ${violations.length} violations`,
  ];
}

function drawn(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)];
}
