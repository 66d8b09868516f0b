// Puts up everything that a delivery needs, step by step: the tools, the server, the model, the sandbox, the worker.
import { provideBubblewrap } from '../../src/adapters/provision/bubblewrap';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { readConfig, type Config } from '../../src/workers/config';
import { prepareNamespace, withServer, type Connected } from '../cli/server';
import { connect } from '../stack/connection';
import type { Choice } from './choice';
import { enterFolder, pointAtModels, pointAtScript, pointAtServer } from './environment';
import type { KeptUp } from './keep-up';
import { sandboxOf } from './own-tests';
import { demandNobodyElse } from './own-workers';
import { raiseScriptedModel, raiseServer, raiseWorker, type Place, type RaisedServer } from './rig';
import type { Step } from './steps';
import type { Way } from './way';

export type Rig = { server: Connected; config: Config; ownServer: boolean; lost: Promise<never> };

export async function setUp(choice: Choice, step: Step, rig: Place): Promise<Rig> {
  enterFolder(rig.folder);
  const temporal = process.env.TEMPORAL_ADDRESS ? await yours(step) : await ours(step, rig);
  const models = await raiseModels(choice, step, rig);
  const config = readConfig();
  await step('sandbox: no network, no keys, nothing of this machine but its programs', async (progress) => {
    if (config.unsafe === undefined) await provideBubblewrap(config.cache, progress);
    await sandboxOf(config).describe();
  });
  const worker = await step('worker process for all four queues', () => raiseWorker(rig, temporal));
  const server = await connect();
  rig.down.add(() => server.connection.close());
  const kept = [temporal, ...models, worker].filter((each): each is KeptUp => each !== undefined);
  return { server, config, ownServer: temporal !== undefined, lost: Promise.race(kept.map(({ lost }) => lost)) };
}

async function ours(step: Step, rig: Place): Promise<RaisedServer> {
  const binary = await step('Temporal’s command line', (onProgress) => findTemporal({ onProgress }));
  const server = await step('Temporal server and its UI, with a database file', () => raiseServer(binary, rig));
  pointAtServer(server, rig.folder);
  return server;
}

async function yours(step: Step): Promise<undefined> {
  await step(`your Temporal server, ${process.env.TEMPORAL_ADDRESS} (TEMPORAL_ADDRESS)`, (progress) =>
    withServer(async (server) => {
      await prepareNamespace(server, progress);
      await demandNobodyElse(server);
    }),
  );
}

async function raiseModels({ live, way }: Choice, step: Step, rig: Place): Promise<KeptUp[]> {
  if (!live) return raiseScript(way, step, rig);
  const { main, local, sameFamily } = pointAtModels();
  rig.say(`  ✓ model: ${main.model} at ${main.endpoint}`);
  if (way.models.includes('local')) rig.say(`  ✓ model “local”: ${local.model} at ${local.endpoint}`);
  if (sameFamily) {
    rig.say(
      '  ! One family of models only: reviews come from the family that wrote the code. For another reviewer, set ' +
        'REVIEW_FAMILY, REVIEW_MODEL and REVIEW_BASE_URL.',
    );
  }
  return [];
}

/** Where a pipeline gives its routine work to the model `local`, that is a server of its own. */
async function raiseScript({ name, models }: Way, step: Step, rig: Place): Promise<KeptUp[]> {
  const frontier = await step('scripted model, a real HTTP server that speaks the OpenAI chat API', () =>
    raiseScriptedModel('scripted model', name, rig),
  );
  const local = !models.includes('local')
    ? undefined
    : await step('another one, for what runs on the model “local”', () =>
        raiseScriptedModel('scripted local model', name, rig),
      );
  pointAtScript({ frontier: frontier.url, local: local?.url });
  return [frontier, ...(local === undefined ? [] : [local])];
}
