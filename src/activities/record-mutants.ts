// What small faults showed of the tests, written into the ledger; what survived goes back with it to whoever wrote them.
import type { MutantReport } from '../domain/artifacts/mutant-report';
import { summarize, type Handoff } from '../domain/handoff';
import { stageFolder } from '../domain/names';
import type { MutantsTried, RecordMutantsTask } from '../domain/tasks';
import { noUsage } from '../domain/usage';
import { alive } from './alive';
import { artifactFiles, attest } from './entry';
import type { Ledger } from './ports';

export type MutantRecordActivities = ReturnType<typeof createMutantRecordActivities>;

export function createMutantRecordActivities({ ledger }: { ledger: Ledger }) {
  return {
    recordMutants: ({ key, repository, at, tried }: RecordMutantsTask): Promise<Handoff> =>
      alive(async () => {
        const { enough, unfit, score, caught, equivalent, candidate, base, tree, fingerprint } = tried;
        const report = reportOf(tried);
        const handoff: Handoff = {
          ...(unfit !== undefined
            ? { status: 'blocked', cause: 'unfit' }
            : enough
              ? { status: 'ok' }
              : { status: 'rework', cause: 'weak-tests' }),
          ...(fingerprint !== undefined && { fingerprint }),
          confidence: 1,
          artifact: { kind: 'MutantReport', commit: '', path: `${stageFolder(key)}/MutantReport.json` },
          summary: report.summary,
          facts: { enough, score, caught, tried: tried.tried, equivalent, candidate, base, tree },
          usage: noUsage,
        };
        const files = artifactFiles(key, 'MutantReport', report, `Faults tried in ${candidate.slice(0, 10)}`);
        return attest(ledger, { key, repository, at, handoff, files });
      }),
  };
}

function reportOf({ enough, unfit, fingerprint: _, untriedCount, ...measured }: MutantsTried): MutantReport {
  const { score, threshold, tried, caught, survivors, narrow, untried } = measured;
  const [worst] = survivors;
  const counts = `${caught} of ${tried} faults caught${untriedCount > 0 ? `, ${untriedCount} not tried` : ''}`;
  const example = worst === undefined ? narrow[0] : `${worst.file}:${worst.line} may as well be ${worst.replacement}`;
  const said =
    unfit !== undefined
      ? `the tests can judge no fault: ${unfit}`
      : score === null
        ? `there was no fault to catch${untried[0] === undefined ? '' : `: ${untried[0]}`}`
        : enough
          ? `the tests hold: ${score} of ${threshold} demanded; ${counts}`
          : `the tests are weak: ${score}, and ${threshold} is demanded; ${counts}${example ? `; ${example}` : ''}`;
  return { summary: summarize(said), confidence: 1, ...measured, untried: [...untried], untried_count: untriedCount };
}
