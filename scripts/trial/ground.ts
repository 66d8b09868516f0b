// Where trials take place: one Temporal server under test with a namespace for each trial, and one scripted model that hears all.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { startScriptedModel, type Scenario, type ScriptedModel } from '../scripted-model/server';
import { developmentServer, type ServerMaker, type ServerUnderTest } from './server-under-test';

// An endpoint that says nothing is not waited for as long as a real one is worth.
const IMPATIENT = 'limits: { outputTokens: 16000, totalSeconds: 60, idleSeconds: 20 }';

export type Ground = {
  folder: string;
  /** Laid over the shipped ones: models that are waited for less long. */
  definitions: string;
  server: ServerUnderTest;
  connection: Connection;
  model: ScriptedModel;
  /** What the model says, by project. */
  scenarios: Map<string, Scenario>;
  /** Kills the server and brings it back: every trial that is under way suffers it. */
  strikeServer(): Promise<void>;
  /** The same with its database, which is gone for so long. */
  strikeDatabase(ms: number): Promise<void>;
  /** Told of every blow at either; the answer ends that. */
  onServer(struck: (what: string) => void): () => void;
  /** Trials that are under way: how each is broken off where the ground closes under it. */
  underway: Set<() => void>;
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
  const definitions = join(folder, 'definitions');
  mkdirSync(definitions);
  const models = readFileSync(join(__dirname, '../../models.yaml'), 'utf8');
  writeFileSync(join(definitions, 'models.yaml'), models.replaceAll(/^( +)price:.*$/gm, `$&\n$1${IMPATIENT}`));
  const server = await make({ namespaces: trials, database: join(folder, 'temporal.sqlite') });
  const connection = await Connection.connect({ address: server.address });
  const listeners = new Set<(what: string) => void>();
  const underway = new Set<() => void>();
  const tell = (what: string) => listeners.forEach((listener) => listener(what));
  let striking: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const strike = (name: string, part: Pick<ServerUnderTest, 'kill' | 'restart'> | undefined, goneMs = 0) =>
    (striking = striking.then(async () => {
      if (part === undefined) throw new Error(`${server.name} has no ${name} that could be struck`);
      tell(`${name} killed`);
      await part.kill();
      await pause(goneMs);
      await part.restart();
      tell(`${name} back`);
    }));
  return {
    ...{ folder, definitions, server, connection, model, scenarios, underway },
    strikeServer: () => strike('server', server),
    strikeDatabase: (ms) => strike('database', server.database, ms),
    onServer(struck) {
      listeners.add(struck);
      return () => void listeners.delete(struck);
    },
    close: () => (closing ??= close()),
  };

  async function close(): Promise<void> {
    underway.forEach((breakOff) => breakOff());
    await connection.close();
    await server.stop();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
