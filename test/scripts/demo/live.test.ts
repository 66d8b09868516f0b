// --live: the same with the model that the environment names. Here that is a scripted one, which the demo cannot know.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import * as accounts from '../../../scripts/demo/scenario/accounts/script';
import { scenario as demoScenario } from '../../../scripts/demo/scenario/tales/milestone';
import { planOf } from '../../../scripts/demo/scenario/project';
import { startScriptedModel, type Scenario, type ScriptedModel } from '../../../scripts/scripted-model/server';
import { startServer } from '../../../scripts/stack/server';
import { findTemporal } from '../../../src/adapters/provision/temporal';
import { dismiss, leftOf, nothing, startDemo, type Demo } from './audience';

let demo: Demo;
let model: ScriptedModel;
afterEach(async () => {
  dismiss(demo);
  await model.close();
});

const endpoint = () => ({ OPENAI_API_KEY: 'any', OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'some-model' });

/** The demo's first milestone, and no other. */
const oneMilestone: Scenario = (call) =>
  call.schema === 'MilestonePlan' ? { json: planOf([accounts.script.milestone]) } : demoScenario(call);

test('delivers the request with the model of the environment, and leaves the repository', async () => {
  model = await startScriptedModel({ scenario: oneMilestone });
  demo = startDemo(['--yes', '--live', 'Let people register'], { env: endpoint() });
  await demo.endsWith(0);

  const said = demo.said();
  expect(said).toMatch(/A real model answers, and its calls cost real money/);
  expect(said).toMatch(/some-model at http/);
  expect(said.replace(/\s+/g, ' ')).toMatch(/reviews come from the family that wrote the code/);
  expect(said).toMatch(/✓ 1 of 1 milestones merged/);
  const [, repository] = /The repository stays, with the ledger of every call: (\S+)/.exec(said)!;
  expect(readdirSync(join(repository!, '..'))).toEqual(['repository.git']);
  expect(leftOf(demo)).toEqual({ processes: [], files: [expect.stringMatching(/^millwright-/)] });
});

test('on a server of your own, says why it failed and ends its project there', async () => {
  model = await startScriptedModel({ scenario: () => ({ refusal: 'I would rather not.' }) });
  const server = await startServer({ temporal: await findTemporal() });
  const connection = await Connection.connect({ address: server.address });
  const elsewhere = mkdtempSync(join(tmpdir(), 'millwright-elsewhere-'));
  try {
    demo = startDemo(['--yes', '--live', 'Let people register', '--repository', join(elsewhere, 'new.git')], {
      env: { ...endpoint(), REVIEW_FAMILY: 'another', TEMPORAL_ADDRESS: server.address },
    });
    await demo.endsWith(1);
    expect(demo.said()).toMatch(/your Temporal server, 127\.0\.0\.1:\d+ \(TEMPORAL_ADDRESS\)/);
    expect(demo.said()).toMatch(/waits for guidance, and nobody is here: .*I would rather not/);
    const [project] = /let-people-register-\w+/.exec(demo.said())!;
    const { status } = await new Client({ connection }).workflow.getHandle(project).describe();
    expect(status.name).toBe('TERMINATED');
    expect(leftOf(demo)).toEqual(nothing);
  } finally {
    await connection.close();
    await server.stop();
    rmSync(elsewhere, { recursive: true });
  }
});
