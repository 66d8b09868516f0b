// How the candidate is made: the change and the tests, laid on the base as one commit. The same again gives the same commit.
import type { Change } from '../domain/artifacts/change';
import { summarize, type Handoff } from '../domain/handoff';
import { artifactMarkdown } from '../domain/markdown';
import { stageFolder } from '../domain/names';
import type { Assembled, AssembleTask, JoinTask } from '../domain/tasks';
import { noUsage } from '../domain/usage';
import { alive } from './alive';
import type { Ledger, MergedTree, Trees } from './ports';
import { json, leave, storedHandoff } from './entry';
import { measured } from './work';

export type CandidateActivities = ReturnType<typeof createCandidateActivities>;

type Laid = { outcome: 'laid'; tree: string } | { outcome: 'conflict'; name: string; paths: readonly string[] };

export function createCandidateActivities({ trees, ledger }: { trees: Trees; ledger: Ledger }) {
  return {
    assembleCandidate: (task: AssembleTask): Promise<Assembled> =>
      alive(async () => {
        const { repository, base, works, at, key, title } = task;
        const laid = await lay(
          repository,
          base,
          works.map(({ stage, work }) => ({ name: stage, work })),
          at,
        );
        if (laid.outcome === 'conflict') return { outcome: 'conflict', stage: laid.name, paths: laid.paths };
        const message = `${title}\n\nMillwright-Project: ${key.project}\nMillwright-Milestone: ${key.milestone}\n`;
        const candidate = await trees.commitTree({ repository, tree: laid.tree, parents: [base], message, at });
        // The ledger keeps the candidate; the branch only shows it, and somebody's checkout may stand in its way.
        const kept = { ...key, part: 'candidate' };
        const files = [
          {
            path: `${stageFolder(kept)}/candidate.json`,
            content: json({ candidate, base, works }),
          },
        ];
        await ledger.append({
          repository,
          key: kept,
          files,
          message: `${key.stage} ${key.iteration}: candidate ${candidate.slice(0, 10)}`,
          at,
          keeps: [candidate],
        });
        await trees.propose(repository, key, candidate).catch(unlessRefused);
        return { outcome: 'assembled', candidate };
      }),

    /** The parts that were written side by side, as one change. Parts that touch the same lines are sent back. */
    joinParts: (task: JoinTask): Promise<Handoff> =>
      alive(async () => {
        const { repository, base, parts, key, at } = task;
        const done = await ledger.find(repository, key);
        if (done !== undefined) return storedHandoff(ledger, repository, done, key);
        const laid = await lay(repository, base, parts, at);
        if (laid.outcome === 'conflict') {
          const summary = summarize(
            `the parts do not fit together: ${laid.name} conflicts in ${laid.paths.join(', ')}`,
          );
          return { status: 'blocked', cause: 'parts-conflict', confidence: 0, summary, facts: {}, usage: noUsage };
        }
        const message = `${key.stage} ${key.iteration} of ${key.milestone}: ${parts.length} parts joined\n`;
        const work = await trees.commitTree({ repository, tree: laid.tree, parents: [base], message, at });
        const changes = await Promise.all(
          parts.map(async ({ artifact }) => JSON.parse(await ledger.read(repository, artifact)) as Change),
        );
        const joined = joinChanges(changes);
        const folder = stageFolder(key);
        const handoff: Handoff = {
          status: 'ok',
          confidence: joined.confidence,
          artifact: { kind: 'Change', commit: '', path: `${folder}/Change.json` },
          summary: summarize(joined.summary),
          facts: await measured(trees, repository, base, work),
          usage: noUsage,
        };
        const written = [
          { path: `${folder}/Change.json`, content: json(joined) },
          {
            path: `${folder}/Change.md`,
            content: artifactMarkdown(`${key.stage}, ${parts.length} parts joined`, joined),
          },
        ];
        return leave(ledger, { key, repository, at, handoff, files: written, keeps: [work], says: 'joined' });
      }),
  };

  /** Each piece of work merged onto the one before, beginning at the base. */
  async function lay(
    repository: string,
    base: string,
    works: readonly { name: string; work: string }[],
    at: string,
  ): Promise<Laid> {
    let on = base;
    let tree = await trees.treeOf(repository, base);
    for (const { name, work } of works) {
      const merged: MergedTree = await trees.mergeTree(repository, on, work);
      if (merged.conflicts.length > 0) return { outcome: 'conflict', name, paths: merged.conflicts };
      tree = merged.tree;
      on = await trees.commitTree({ repository, tree, parents: [on, work], message: `Lay ${name} on the base\n`, at });
    }
    return { outcome: 'laid', tree };
  }
}

/** The repository said no for good, which here is no harm; anything else goes up. */
export function unlessRefused(error: unknown): void {
  if ((error as { type?: string }).type !== 'RepositoryRefused') throw error;
}

function joinChanges(changes: readonly Change[]): Change {
  return {
    summary: changes.map(({ summary }) => summary).join('; '),
    confidence: Math.min(...changes.map(({ confidence }) => confidence)),
    files: changes.flatMap(({ files }) => files),
    edits: changes.flatMap(({ edits }) => edits),
    deletions: changes.flatMap(({ deletions }) => deletions),
    dependencies_added: changes.flatMap(({ dependencies_added }) => dependencies_added),
    explanation: changes.map(({ explanation }) => explanation).join('\n\n'),
    changelog: changes.map(({ changelog }) => changelog).join('; '),
    revision_number: 0,
  };
}
