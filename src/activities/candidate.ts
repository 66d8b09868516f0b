// How the candidate is made: the change and the tests, laid on the base as one commit. The same again gives the same commit.
import { joins } from '../domain/artifacts/join';
import { stopped, type Handoff } from '../domain/handoff';
import { permanent } from '../domain/failures';
import { isUnlocked, LOCKFILE_LIMIT_BYTES } from '../domain/lockfiles';
import { stageFolder, type EffectKey, type Place } from '../domain/names';
import { oneLine } from '../domain/plain-text';
import type { Assembled, Assembly, AssembleTask, Common, JoinTask, LockCandidateTask } from '../domain/tasks';
import { withDelta } from '../domain/text-delta';
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
        const { repository, base, works, at, key } = task;
        const kept = { ...key, part: 'candidate' };
        const done = await ledger.find(repository, kept);
        // The branch may show another one by now: that of another run, or none where an attempt died before it did.
        if (done !== undefined) return assembled(task, await candidateAt(repository, done, kept));
        const laid = await lay(
          repository,
          base,
          works.map(({ stage, work }) => ({ name: stage, work })),
          at,
        );
        if (laid.outcome === 'conflict') return { outcome: 'conflict', stage: laid.name, paths: laid.paths };
        const message = messageOf(task);
        const candidate = await trees.commitTree({ repository, tree: laid.tree, parents: [base], message, at });
        await keep(task, kept, candidate, { base, works });
        return assembled(task, candidate);
      }),

    /** The same with the lockfile that fits what it asks for: a candidate of its own. */
    lockCandidate: (task: LockCandidateTask): Promise<Assembly> =>
      alive(async () => {
        const { repository, base, candidate: unlocked, lock, at, key } = task;
        const kept = { ...key, part: 'locked' };
        const done = await ledger.find(repository, kept);
        if (done !== undefined) return assembled(task, await candidateAt(repository, done, kept));
        const before = (await trees.read(repository, unlocked, [lock.lockfile], LOCKFILE_LIMIT_BYTES)).get(
          lock.lockfile,
        );
        const content = before === undefined ? undefined : withDelta(before, lock.delta);
        if (content === undefined)
          throw permanent(
            'InvalidInput',
            `${lock.lockfile} of ${unlocked.slice(0, 10)} is not the one that was made to fit`,
          );
        const changes = [{ path: lock.lockfile, content }];
        const message = messageOf(task);
        const candidate = await trees.commit({ repository, onto: unlocked, parents: [base], changes, message, at });
        await keep(task, kept, candidate, { base, unlocked, lockfile: lock.lockfile });
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

  async function keep(
    { repository, at }: Common,
    key: EffectKey,
    candidate: string,
    made: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const files = [{ path: candidatePath(key), content: json({ candidate, ...made }) }];
    const message = `${key.stage} ${key.iteration}: candidate ${candidate.slice(0, 10)}`;
    await ledger.append({ repository, key, files, message, at, keeps: [candidate] });
  }

  async function candidateAt(repository: string, commit: string, key: EffectKey): Promise<string> {
    const text = await ledger.read(repository, { commit, path: candidatePath(key) });
    return (JSON.parse(text) as { candidate: string }).candidate;
  }

  async function assembled({ repository, base, key }: Common & { base: string }, candidate: string): Promise<Assembly> {
    await show(repository, key, candidate);
    const protectedPaths = await protection.pathsIn(repository, base, candidate);
    const [before, after] = await Promise.all([trees.list(repository, base), trees.list(repository, candidate)]);
    return { outcome: 'assembled', candidate, protectedPaths, ...(isUnlocked(before, after) && { unlocked: true }) };
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

const candidatePath = (key: EffectKey): string => `${stageFolder(key)}/candidate.json`;

const messageOf = ({ title, key }: Pick<AssembleTask, 'title' | 'key'>): string =>
  `${oneLine(title)}\n\nMillwright-Project: ${key.project}\nMillwright-Milestone: ${key.milestone}\n`;

/** The repository said no for good, which here is no harm; anything else goes up. */
export function unlessRefused(error: unknown): void {
  if ((error as { type?: string }).type !== 'RepositoryRefused') throw error;
}
