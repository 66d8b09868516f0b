// Where trials take place: one Temporal server under test with a namespace for each trial, and one scripted model that hears all.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startScriptedModel, type Scenario, type ScriptedModel } from '../scripted-model/server';
import { developmentServer, type ServerMaker, type ServerUnderTest } from './server-under-test';

export type Ground = {
  folder: string;
  server: ServerUnderTest;
  connection: Connection;
  model: ScriptedModel;
  /** What the model says, by project. */
  scenarios: Map<string, Scenario>;
  close(): Promise<void>;
};

export async function openGround(trials: readonly string[], make: ServerMaker = developmentServer): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-trials-'));
  const scenarios = new Map<string, Scenario>();
  const scenario: Scenario = (call) => {
    const found = scenarios.get(call.project);
    if (found === undefined) throw new Error(`nothing is scripted for ${call.project}`);
    return found(call);
  };
  const model = await startScriptedModel({ scenario, logMessages: true });
  const server = await make({ namespaces: trials, database: join(folder, 'temporal.sqlite') });
  const connection = await Connection.connect({ address: server.address });
  return {
    ...{ folder, server, connection, model, scenarios },
    async close() {
      await connection.close();
      await server.stop();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
