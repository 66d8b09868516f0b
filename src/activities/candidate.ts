// How the candidate is made: the change and the tests, laid on the base as one commit. The same again gives the same commit.
import { joins } from '../domain/artifacts/join';
import { stopped, type Handoff } from '../domain/handoff';
import { stageFolder, type Place } from '../domain/names';
import type { Assembled, AssembleTask, JoinTask } from '../domain/tasks';
import { alive } from './alive';
import type { Ledger, MergedTree, Protection, Trees } from './ports';
import { artifactFiles, handoffFrom, json, leave, storedHandoff } from './entry';
import { measured } from './work';

export type CandidateActivities = ReturnType<typeof createCandidateActivities>;

type Laid = { outcome: 'laid'; tree: string } | { outcome: 'conflict'; name: string; paths: readonly string[] };

export function createCandidateActivities(deps: { trees: Trees; ledger: Ledger; protection: Protection }) {
  const { trees, ledger, protection } = deps;

  return {
    assembleCandidate: (task: AssembleTask): Promise<Assembled> =>
      alive(async () => {
        const { repository, base, works, at, key, title } = task;
        const kept = { ...key, part: 'candidate' };
        const path = `${stageFolder(kept)}/candidate.json`;
        const done = await ledger.find(repository, kept);
        if (done !== undefined) {
          const { candidate } = JSON.parse(await ledger.read(repository, { commit: done, path })) as {
            candidate: string;
          };
          // The branch may show another one by now: that of another run, or none where an attempt died before it did.
          return assembled(task, candidate);
        }
        const laid = await lay(
          repository,
          base,
          works.map(({ stage, work }) => ({ name: stage, work })),
          at,
        );
        if (laid.outcome === 'conflict') return { outcome: 'conflict', stage: laid.name, paths: laid.paths };
        const message = `${title}\n\nMillwright-Project: ${key.project}\nMillwright-Milestone: ${key.milestone}\n`;
        const candidate = await trees.commitTree({ repository, tree: laid.tree, parents: [base], message, at });
        const files = [{ path, content: json({ candidate, base, works }) }];
        await ledger.append({
          repository,
          key: kept,
          files,
          message: `${key.stage} ${key.iteration}: candidate ${candidate.slice(0, 10)}`,
          at,
          keeps: [candidate],
        });
        return assembled(task, candidate);
      }),

    /** What was written side by side, as one. Parts that touch the same lines do not fit together. */
    joinParts: (task: JoinTask): Promise<Handoff> =>
      alive(async () => {
        const { repository, kind, parts, key, at } = task;
        const done = await ledger.find(repository, key);
        if (done !== undefined) return storedHandoff(ledger, repository, done, key);
        const joined = await joinedWork(task);
        if (joined.outcome === 'conflict') {
          const { name, paths } = joined;
          return stopped('blocked', 'parts-conflict', `${name} conflicts with other parts in ${paths.join(', ')}`);
        }
        const artifact = joins[kind](
          (await Promise.all(
            parts.map(async (part) => JSON.parse(await ledger.read(repository, part.artifact)) as unknown),
          )) as never,
        );
        const judged = handoffFrom(key, kind, artifact);
        const handoff = { ...judged, facts: { ...judged.facts, ...joined.facts } };
        const files = artifactFiles(key, kind, artifact, `${key.stage}, ${parts.length} parts joined`);
        return leave(ledger, { key, repository, at, handoff, files, keeps: joined.works, says: 'joined' });
      }),
  };

  async function assembled({ repository, base, key }: AssembleTask, candidate: string): Promise<Assembled> {
    await show(repository, key, candidate);
    const protectedPaths = await protection.pathsIn(repository, base, candidate);
    return { outcome: 'assembled', candidate, protectedPaths };
  }

  /** The ledger keeps the candidate; the branch only shows it, and somebody's checkout may stand in its way. */
  function show(repository: string, place: Place, candidate: string): Promise<void> {
    return trees.propose(repository, place, candidate).catch(unlessRefused);
  }

  /** The commits of all parts as one, where they are work on the tree. */
  async function joinedWork({ repository, base, parts, key, at }: JoinTask) {
    const works = parts.flatMap(({ name, work }) => (work === undefined ? [] : [{ name, work }]));
    if (works.length === 0) return { outcome: 'joined' as const, facts: {}, works: [] };
    const laid = await lay(repository, base, works, at);
    if (laid.outcome === 'conflict') return laid;
    const message = `${key.stage} ${key.iteration} of ${key.milestone}: ${works.length} parts joined\n`;
    const work = await trees.commitTree({ repository, tree: laid.tree, parents: [base], message, at });
    return { outcome: 'joined' as const, facts: await measured(trees, repository, base, work), works: [work] };
  }

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
