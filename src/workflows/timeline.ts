// What Temporal's timeline says of the light activities: which stage and round, and what about it. Beside a type alone it says nothing.
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import type { CandidateActivities } from '../activities/candidate';
import type { HistoryActivities } from '../activities/histories';
import type { OpeningActivities } from '../activities/opening';
import type { ProposalActivities } from '../activities/proposal';
import type { QueueActivities } from '../activities/queue';
import type { SignatureActivities } from '../activities/signatures';
import type { RecordActivities } from '../activities/record';
import type { MutantRecordActivities } from '../activities/record-mutants';
import { inert } from '../domain/markdown';
import type { EffectKey, Place } from '../domain/names';

/** Longer ones, in what a server may store of a summary, could be refused. */
const LIMIT_CHARS = 100;

type Words<A> = { [K in keyof A]: A[K] extends (task: infer T) => unknown ? (task: T) => string : never };
type Call = { executeWithOptions(options: { summary: string }, args: [unknown]): unknown };

/** The same activities, each called with its words. */
export function told<A extends object>(activities: ActivityInterfaceFor<A>, words: Words<A>): A {
  const calls = activities as unknown as Record<string, Call>;
  const speaking = Object.entries(words as Record<string, (task: unknown) => string>).map(([name, summary]) => [
    name,
    (task: unknown) => calls[name]!.executeWithOptions({ summary: inert(summary(task).slice(0, LIMIT_CHARS)) }, [task]),
  ]);
  return Object.fromEntries(speaking) as A;
}

const sha = (commit: string) => commit.slice(0, 10);
const at = ({ stage, iteration }: EffectKey) => `${stage}, round ${iteration}`;
const open = ({ place: { project, milestone } }: { place: Place }) =>
  `open ${project}/${milestone}: its repository and its pipeline`;

export const openingWords: Words<OpeningActivities> = {
  openProject: open,
  openMilestone: open,
  beginAgain: ({ branch }) => `where ${branch} stood when this began`,
  headOf: ({ branch }) => `where ${branch} stands`,
};

export const proposalWords: Words<ProposalActivities> = {
  openPullRequest: ({ title }) => `a pull request for ${title}`,
};

export const ledgerWords: Words<CandidateActivities & RecordActivities & MutantRecordActivities> = {
  assembleCandidate: ({ key, base, works }) =>
    `${at(key)}: ${works.map(({ stage }) => stage).join(' and ')} on ${sha(base)}, as a candidate`,
  lockCandidate: ({ key, candidate, lock }) => `${at(key)}: ${sha(candidate)} with the ${lock.lockfile} that it needs`,
  joinParts: ({ key, parts }) => `${at(key)}: ${parts.length} parts as one`,
  recordTests: ({ key, tested: { green, passed, total, candidate } }) =>
    `${at(key)}: ${sha(candidate)} is ${green ? 'green' : 'not green'}, ${passed} of ${total} passed`,
  recordMutants: ({ key, tried: { caught, tried, candidate } }) =>
    `${at(key)}: the tests of ${sha(candidate)} caught ${caught} of ${tried} faults`,
  recorded: ({ key }) => `${at(key)}: whether an earlier run has it`,
  approvedBefore: ({ key, subject }) => `${at(key)}: whether an earlier run has merged ${sha(subject)}`,
  recordDecision: ({ key, decision, subject, by }) => `${at(key)}: ${sha(subject)} ${decision} by ${by}`,
  postBoard: ({ key }) => `${at(key)}: on the board`,
  writeReport: ({ status }) => `the report of ${status.id}, ${status.state}`,
};

export const signatureWords: Words<SignatureActivities> = {
  verifyDecisions: ({ decisions }) =>
    `whose word it is: ${decisions.length === 1 ? decisions[0]!.kind : `${decisions.length} decisions`}`,
};

export const lookWords: Words<QueueActivities & HistoryActivities> = {
  lookAtQueue: ({ queue }) => `how long the line is at ${queue}`,
  lookAtRun: ({ workflowId }) => `what became of ${workflowId}`,
};
