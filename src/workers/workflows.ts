// Serves `millwright`: the workflows, and the light activities that write the ledger. No model, no sandbox, no right to merge.
import type { WorkerOptions } from '@temporalio/worker';
import { heardAtOnce } from '../activities/alive';
import { createCandidateActivities } from '../activities/candidate';
import { createHistoryActivities } from '../activities/histories';
import { createJanitorActivities } from '../activities/janitor';
import { createOpeningActivities } from '../activities/opening';
import { createProposalActivities } from '../activities/proposal';
import { createQueueActivities } from '../activities/queue';
import { createRecordActivities } from '../activities/record';
import { createSignatureActivities } from '../activities/signatures';
import { createMutantRecordActivities } from '../activities/record-mutants';
import { inSession } from '../activities/session';
import { createForge } from '../adapters/forge';
import { createGit } from '../adapters/git/create-git';
import { assertSigners, createSigners } from '../adapters/signers';
import { createYamlDefinitions } from '../adapters/yaml-definitions';
import type { Config } from './config';
import { dataConverter } from './data-converter';
import { versionOf } from './deployment';
import { discreetly } from './discreet';
import { unhurried } from './unhurried';
import { workflowBundle } from './workflow-bundle';

export async function workflowsWorker({
  home,
  newDependencies,
  definitions: folders,
  environment,
  sameFamilyReview,
  cache,
  forge,
  allowedSigners,
  deployment,
  encryption = [],
}: Config): Promise<Partial<WorkerOptions>> {
  if (allowedSigners !== undefined) await assertSigners(allowedSigners);
  const deps = {
    ...createGit({ home, newDependencies }),
    forge: createForge(forge),
    ...(allowedSigners !== undefined && { signers: createSigners(allowedSigners) }),
    definitions: createYamlDefinitions({ folders, environment, sameFamilyReview }),
  };
  const bundle = await workflowBundle(cache, {
    encrypted: encryption.length > 0,
    versioned: deployment !== undefined,
  });
  return {
    workflowBundle: bundle,
    ...unhurried,
    ...versionOf(deployment, bundle),
    ...dataConverter({ encryption }),
    ...discreetly(environment),
    ...heardAtOnce,
    activities: {
      ...createOpeningActivities(deps),
      ...inSession({ ...createCandidateActivities(deps), ...createRecordActivities(deps) }),
      ...createMutantRecordActivities(deps),
      ...createProposalActivities(deps),
      ...createSignatureActivities(deps),
      ...createQueueActivities(),
      ...createHistoryActivities(),
      ...createJanitorActivities(deps),
    },
    // A killed worker leaves its sticky queue behind: the sooner the next one is asked, the less is waited.
    stickyQueueScheduleToStartTimeout: '1 second',
    maxConcurrentActivityTaskExecutions: 10,
  };
}
