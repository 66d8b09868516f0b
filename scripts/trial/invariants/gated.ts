// I2, gated: what stands on the branch was tested, judged and approved as exactly this candidate on this base with this tree.
// Base, candidate and tree are git's own; the tests' word is the sandbox worker's result in Temporal's history, and the
// approval's is the signal that a person sent.
import type { Evidence } from '../evidence';
import type { Commit, Repository } from '../repository';
import { mergesOf, short, type Words } from './words';

export function gated(evidence: Evidence): Words {
  const { repository, trial } = evidence;
  const chain = repository.commits(trial.branch);
  const stray = mergesOf(repository, trial).filter(({ parents }) => parents.length !== 2);
  const merges = mergesOf(repository, trial).filter(({ parents }) => parents.length === 2);
  const gone = trial.own.filter((sha) => !chain.some((commit) => commit.sha === sha));
  return [
    ...stray.map(({ sha }) => `${short(sha)} stands on ${trial.branch}, and is no merge of the gate`),
    ...gone.map((sha) => `${short(sha)}, which a person made, is gone from ${trial.branch}`),
    ...merges.flatMap((merge) => unproved(merge, evidence).map((why) => `the merge ${short(merge.sha)} ${why}`)),
  ];
}

function unproved(merge: Commit, evidence: Evidence): Words {
  const { repository } = evidence;
  const [base, candidate] = merge.parents as [string, string];
  const { tree } = merge;
  const trailer = (name: string) => merge.trailers[`Millwright-${name}`]?.[0];
  const claimed = { Base: base, Candidate: candidate, Tree: tree };
  const made = repository.merged(base, candidate);
  return [
    ...Object.entries(claimed)
      .filter(([name, real]) => trailer(name) !== real)
      .map(([name, real]) => `says its ${name.toLowerCase()} is ${short(trailer(name))}, and it is ${short(real)}`),
    ...(made === tree ? [] : [`has the tree ${short(tree)}, and merging its parents makes ${short(made)}`]),
    ...untested(evidence, { base, candidate, tree }),
    ...unapproved(evidence, candidate),
    ...unrecorded(merge, repository, { base, candidate, tree }),
  ];
}

type Named = { base: string; candidate: string; tree: string };

function untested({ runs }: Evidence, named: Named): Words {
  const results = runs.flatMap(({ activities }) =>
    activities.flatMap(({ type, outcome, result }) =>
      type === 'runTests' && outcome === 'completed' ? [result as Named & { green: boolean }] : [],
    ),
  );
  const about = results.filter((result) => matches(result, named));
  if (about.length === 0)
    return ['was tested by nobody: no test run in the history names its base, candidate and tree'];
  return about.some(({ green }) => green) ? [] : ['has only red test runs in the history'];
}

function unapproved({ runs }: Evidence, candidate: string): Words {
  const approved = runs.some(({ signals }) =>
    signals.some(
      ({ name, input }) => name === 'approve' && (input as { subject?: string } | null)?.subject === candidate,
    ),
  );
  return approved ? [] : [`was approved by nobody: no signal in the history approves ${short(candidate)}`];
}

/** Its ledger holds the same evidence: for a reader who has git and nothing else. */
function unrecorded({ sha, trailers }: Commit, repository: Repository, named: Named): Words {
  const ledger = trailers['Millwright-Ledger']?.[0];
  const entries = repository.entries.filter((entry) => entry.ledger === ledger);
  if (entries.length === 0) return [`names the ledger ${ledger}, which is not there`];
  const documents = entries.flatMap((entry) => documentsAt(repository, entry));
  const find = (file: string) => documents.flatMap(({ path, content }) => (path.endsWith(`/${file}`) ? [content] : []));
  const receipt = find('receipt.json').find((found) => found.commit === sha) as Receipt | undefined;
  const judged = (stage: string, evidence: Judgement | undefined): boolean =>
    evidence?.skipped === true ||
    documents.some(
      ({ path, content }) =>
        path.startsWith(`stages/${stage}/`) &&
        path.endsWith('/handoff.json') &&
        content.status === 'ok' &&
        (content.facts as { candidate?: string }).candidate === named.candidate,
    );
  const { reviews = [], evaluations = [] } = receipt?.demand ?? {};
  const judgements = { ...receipt?.evidence.reviews, ...receipt?.evidence.evaluations };
  return [
    ...(find('TestReport.json').some((report) => matches(report, named)) ? [] : ['has no test report in its ledger']),
    ...(find('decision.json').some(({ subject, decision }) => subject === named.candidate && decision === 'approved')
      ? []
      : ['has no approval in its ledger']),
    ...(receipt === undefined ? ['has no receipt in its ledger'] : []),
    ...[...reviews, ...evaluations]
      .filter((stage) => !judged(stage, judgements[stage]))
      .map((stage) => `has nothing of ${stage} about its candidate in its ledger`),
  ];
}

type Judgement = { skipped?: boolean };
type Receipt = {
  demand: { reviews: string[]; evaluations: string[] };
  evidence: { reviews: Record<string, Judgement>; evaluations: Record<string, Judgement> };
};

const RECORDS = /\/(TestReport|decision|receipt|handoff)\.json$/;

/** What this very entry wrote: a run that was reset to its beginning writes over the paths of its former life. */
function documentsAt(repository: Repository, { sha, parents: [before] }: Commit) {
  const stood = (path: string) => (before === undefined ? undefined : repository.file(before, path));
  return repository
    .paths(sha)
    .filter((path) => RECORDS.test(path) && repository.file(sha, path) !== stood(path))
    .flatMap((path) => {
      try {
        return [{ path, content: JSON.parse(repository.file(sha, path)!) as Record<string, unknown> }];
      } catch {
        return [];
      }
    });
}

const matches = (found: Partial<Named>, named: Named): boolean =>
  found.base === named.base && found.candidate === named.candidate && found.tree === named.tree;
