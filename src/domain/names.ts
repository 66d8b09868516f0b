// How things are named in Temporal and in git, in one place: every machine must spell them alike.
import { z } from 'zod';

export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, 'expected 1 to 48 of a–z, 0–9 and inner dashes');

export const Sha = z.string().regex(/^[0-9a-f]{40}$/, 'expected a full 40-digit commit');

export const BranchName = z
  .string()
  .max(120)
  .regex(/^(?!\/|.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)|\/\.|\.$|\/$))[A-Za-z0-9_][\w./-]*$/, 'not a branch name');

/** The name under which a project keeps its own ledger, beside those of its milestones. */
export const PROJECT_LEDGER = 'project';

/** The milestone of a run that was started on its own under a plain id. */
export const LONE_MILESTONE = 'milestone';

/** What a run is about: a project, or one milestone of it. */
export type Place = { project: string; milestone: string };

export const milestoneWorkflowId = ({ project, milestone }: Place): string => `${project}/${milestone}`;
export const candidateRef = ({ project, milestone }: Place): string => `refs/heads/millwright/${project}/${milestone}`;
/** Where the user's acceptance checks lie. */
export const acceptanceRef = (tree: string): string => `refs/millwright-acceptance/${tree}`;
export const ledgerRef = ({ project, milestone }: Place): string => `refs/millwright/${project}/${milestone}`;

/** One effect, whatever the attempt: the key under which it is found again. */
export type EffectKey = Place & { runId: string; stage: string; iteration: number; part?: string };

/** The round of what no stage does, so that a stage may be called `begin` or `report`. */
export const NO_ROUND = 0;

export const effectKey = (key: EffectKey): string =>
  [key.runId, key.project, key.milestone, key.stage, key.iteration, ...(key.part === undefined ? [] : [key.part])].join(
    '/',
  );

/** The effect that a key names. */
export function effectOf(key: string): EffectKey {
  const [runId, project, milestone, stage, iteration, ...part] = key.split('/') as [
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const effect = { runId, project, milestone, stage, iteration: Number(iteration) };
  return part.length === 0 ? effect : { ...effect, part: part.join('/') };
}

export const searchAttributes = {
  project: 'MillwrightProject',
  state: 'MillwrightState',
  waitingFor: 'MillwrightWaitingFor',
} as const;

/** Where a stage's files lie in the ledger. */
/** How parts are called in keys and paths, whatever the model called them: plain, and no two alike. */
export function partNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 40)
        .replace(/^-|-$/g, '') || 'part';
    let unique = plain;
    for (let count = 2; taken.has(unique); count++) unique = `${plain}-${count}`;
    taken.add(unique);
    return unique;
  });
}

export const stageFolder = ({ stage, iteration, part }: Pick<EffectKey, 'stage' | 'iteration' | 'part'>): string =>
  `stages/${stage}/${iteration}${part === undefined ? '' : `-${part}`}`;
