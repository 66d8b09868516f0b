// The environment of the demo and of its worker: everything that could lead elsewhere is set, whatever the shell has.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAME_FAMILY_WORDS } from '../../src/workers/config';
import type { RunFolder } from '../stack/run-folder';

type Environment = NodeJS.ProcessEnv;

const OF_TEMPORAL = /^TEMPORAL_(?!CLI$)/;
const OF_MODELS = /^(OPENAI|REVIEW|LOCAL)_|^MILLWRIGHT_(CONFIG|SAME_FAMILY_REVIEW)$/;

/** The demo's own reading of the repository. The worker has another home: each process has its own mirrors. */
export function enterFolder(folder: RunFolder): void {
  Object.assign(process.env, {
    MILLWRIGHT_HOME: join(folder.path, 'home'),
    MILLWRIGHT_SCRATCH: join(folder.path, 'scratch'),
  });
}

export const workerHome = (folder: RunFolder): Environment => ({ MILLWRIGHT_HOME: folder.mirrors });

/** The server of this run, and no profile, key or certificate for another. */
export function pointAtServer({ address, uiUrl }: { address: string; uiUrl: string }, folder: RunFolder): void {
  forget(OF_TEMPORAL);
  const nothing = join(folder.path, 'no-profile.toml');
  writeFileSync(nothing, '[profile.default]\n');
  Object.assign(process.env, {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: nothing,
    MILLWRIGHT_UI_URL: uiUrl,
  });
}

/** One endpoint plays both families, so that the rule which keeps them apart is seen at work; `local` is another, where it is asked. */
export function pointAtScript({ frontier: url, local }: { frontier: string; local?: string }): void {
  forget(OF_MODELS);
  Object.assign(process.env, {
    OPENAI_BASE_URL: url,
    OPENAI_API_KEY: 'scripted-needs-none',
    OPENAI_MODEL: 'scripted-author',
    OPENAI_FAMILY: 'scripted-a',
    REVIEW_MODEL: 'scripted-reviewer',
    REVIEW_FAMILY: 'scripted-b',
    ...(local !== undefined && { LOCAL_BASE_URL: local, LOCAL_MODEL: 'scripted-local', LOCAL_FAMILY: 'scripted-c' }),
  });
}

/** The models as the user has configured them; with one family only, its reviews of its own code are accepted in words. */
export function pointAtModels(): Record<'main' | 'local', { model: string; endpoint: string }> & {
  sameFamily: boolean;
} {
  const { OPENAI_FAMILY = 'openai', REVIEW_FAMILY = 'openai', OPENAI_MODEL, OPENAI_BASE_URL } = process.env;
  const sameFamily = (OPENAI_FAMILY || 'openai') === (REVIEW_FAMILY || 'openai');
  if (sameFamily) process.env.MILLWRIGHT_SAME_FAMILY_REVIEW = SAME_FAMILY_WORDS;
  const { LOCAL_MODEL, LOCAL_BASE_URL } = process.env;
  const main = { model: OPENAI_MODEL || 'the default of models.yaml', endpoint: OPENAI_BASE_URL || 'OpenAI' };
  return { main, local: { model: LOCAL_MODEL || main.model, endpoint: LOCAL_BASE_URL || main.endpoint }, sameFamily };
}

function forget(names: RegExp): void {
  for (const name of Object.keys(process.env)) if (names.test(name)) delete process.env[name];
}
