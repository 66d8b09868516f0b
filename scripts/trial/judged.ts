// A trial, and what the checker has to say of it.
import { cacheFolder } from '../../src/adapters/provision/cache';
import { workflowBundle } from '../../src/workers/workflow-bundle';
import { check, inWords } from './check';
import { readEvidence } from './evidence';
import type { Ground } from './ground';
import { runTrial, type Plan, type Tried } from './trial';

export type Judged = Tried & { violations: string[] };

export async function judged(ground: Ground, plan: Plan): Promise<Judged> {
  const tried = await runTrial(ground, plan);
  const stood = tried.hung ? ['I4: nothing moved for three minutes'] : [];
  return { ...tried, violations: [...(await violationsIn(tried.folder)), ...stood] };
}

/** Of what a finished trial left there. */
export async function violationsIn(folder: string): Promise<string[]> {
  return (await check(readEvidence(folder), [await workflowBundle(cacheFolder())])).map(inWords);
}
