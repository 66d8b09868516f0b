// Serves `millwright-agents` and the queues of models that have one: the only worker that holds the models' keys.
import type { WorkerOptions } from '@temporalio/worker';
import { createAgentActivities } from '../activities/agent';
import { heardAtOnce } from '../activities/alive';
import { inSession } from '../activities/session';
import { createGit } from '../adapters/git/create-git';
import { createOpenAIModel } from '../adapters/openai-model';
import { createSecrets } from '../adapters/secrets';
import { createYamlDefinitions } from '../adapters/yaml-definitions';
import { permanent } from '../domain/failures';
import type { Config } from './config';
import { dataConverter } from './data-converter';
import { discreetly } from './discreet';

export async function agentsWorker({
  home,
  definitions: folders,
  environment,
  sameFamilyReview,
  newDependencies,
  encryption = [],
}: Config): Promise<Partial<WorkerOptions>> {
  const models = await createYamlDefinitions({ folders, environment, sameFamilyReview }).models();
  const endpoints = (alias: string) => {
    const found = models[alias];
    if (found === undefined) throw permanent('CredentialsRefused', `this worker's models.yaml has no model "${alias}"`);
    return { baseURL: found.endpoint, apiKey: found.key === undefined ? undefined : environment[found.key] };
  };
  const model = createOpenAIModel({ endpoints });
  const keys = Object.values(models).flatMap(({ key }) => key ?? []);
  const secrets = createSecrets(environment, keys);
  const git = createGit({ home, newDependencies });
  return {
    ...dataConverter({ encryption }),
    ...discreetly(environment, keys),
    ...heardAtOnce,
    activities: inSession(createAgentActivities({ ...git, model, secrets, plainIds: encryption.length > 0 })),
    maxConcurrentActivityTaskExecutions: 50,
  };
}
