// Shows a candidate where people of the repository look: as a pull request, where it lies at a forge. Merging stays the gate's.
import { candidateRef } from '../domain/names';
import { oneLine } from '../domain/plain-text';
import type { ProposalTask } from '../domain/tasks';
import { alive } from './alive';
import type { Forge, Proposal } from './ports';

export type ProposalActivities = ReturnType<typeof createProposalActivities>;

const TITLE_LIMIT_CHARS = 200;

export function createProposalActivities({ forge }: { forge: Forge }) {
  return {
    openPullRequest: ({ repository, branch: base, place, title, workflowId }: ProposalTask): Promise<Proposal> =>
      alive(() =>
        forge.propose({
          repository,
          base,
          branch: candidateRef(place).replace('refs/heads/', ''),
          title: mute(title).slice(0, TITLE_LIMIT_CHARS),
          body: bodyFor(workflowId),
        }),
      ),
  };
}

/** A forge would tell everybody who is named, and link what is numbered. */
const mute = (title: string): string => oneLine(title).replace(/[@#!](?=\w)/g, '$& ');

/** Nothing in it was written by a model: whoever reads it here may take it for the repository's own words. */
const bodyFor = (workflowId: string): string =>
  [
    `Proposed by Millwright, in its run \`${workflowId}\`, tested and reviewed; the evidence is in the run's ledger.`,
    'It is merged when an approver approves it there, as it stands then: a merge here would pass by the gate.',
    `\`\`\`\nnpm run approve -- ${workflowId}\nnpm run request-changes -- ${workflowId} --note "…"\n\`\`\``,
  ].join('\n\n');
