// A whole mill for one test file: a real Temporal server, workers of all four queues, a scripted model over HTTP, and bare
// git repositories. Each run in it has an id, a repository and a script of its own.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { HistoryAndWorkflowId } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import {
  startScriptedModel,
  type LoggedCall,
  type Scenario,
  type ScriptedModel,
} from '../../scripts/scripted-model/server';
import { Processes, type RunningProcess } from '../../scripts/stack/processes';
import { openRunFolder, type RunFolder } from '../../scripts/stack/run-folder';
import { startServer, type Server } from '../../scripts/stack/server';
import { createCodec } from '../../src/adapters/encryption/codec';
import { encryptionKeys } from '../../src/adapters/encryption/keys';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { KEYS_VARIABLE } from '../../src/domain/encryption';
import { queues, type QueueKind } from '../../src/domain/queues';
import type { WaitReason } from '../../src/domain/status';
import { agentsWorker } from '../../src/workers/agents';
import { readConfig, type Config } from '../../src/workers/config';
import { dataConverter } from '../../src/workers/data-converter';
import { gateWorker } from '../../src/workers/gate';
import { sandboxWorker } from '../../src/workers/sandbox';
import { unhurried } from '../../src/workers/unhurried';
import { workflowBundle } from '../../src/workers/workflow-bundle';
import { workflowsWorker } from '../../src/workers/workflows';
import { bare } from '../adapters/git/ground';
import { Delivery } from './delivery';
import { fileOf, keep, shownBy, stored, type Exported } from './histories';
import { once } from './once';
import { scenarioOf, type Script, type Scripts } from './script';

const ROOT = join(__dirname, '../..');
const workersOf = { workflows: workflowsWorker, agents: agentsWorker, sandbox: sandboxWorker, gate: gateWorker };

export type MillOptions = {
  /** The user's own definitions, over the shipped ones: pipelines, agents, models.yaml. */
  definitions?: Readonly<Record<string, string>>;
  /** The queues whose workers live in this process. */
  workers?: readonly QueueKind[];
  /** Each worker as if on a machine of its own, with its own mirrors. */
  apart?: boolean;
  /** A second endpoint, for the model `local`. */
  local?: boolean;
  /** The key with which the gate signs. */
  gateKey?: string;
  /** Who signs decisions: a file of allowed signers. */
  allowedSigners?: string;
  /** The forge that the workers know. */
  forge?: () => Config['forge'];
  /** How many test runs at once the sandbox's worker takes; by default as many as there are processors. */
  testRuns?: number;
  /** How many calls of models at once the agents' worker has hands for; by default as many as the product's. */
  callsAtOnce?: number;
  /** Further variables of the workers, and of the verbs. */
  environment?: NodeJS.ProcessEnv;
  /** Of the server's dynamic configuration, what is to differ. */
  settings?: Readonly<Record<string, string | number>>;
  /** Another server than one of its own. */
  server?: () => Promise<Server>;
  /** Keep Temporal's database in a file, to survive its server. */
  durable?: boolean;
};

type Requested = { repository?: string; id?: string; [more: string]: unknown };

export class Mill {
  folder!: RunFolder;
  server!: Server;
  model!: ScriptedModel;
  /** The endpoint of the model `local`: the same one, unless it was asked for. */
  local!: ScriptedModel;
  client!: Client;
  environment!: NodeJS.ProcessEnv;
  /** What the workers in this process logged: warnings and worse. */
  readonly logged: LogEntry[] = [];
  readonly #scenarios = new Map<string, Scenario>();
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #working = new Map<QueueKind, { worker: Worker; running: Promise<void> }>();
  #processes!: Processes;
  #connection!: Connection;
  #bundle!: { codePath: string };
  #runs = 0;
  #workers = 0;

  constructor(private readonly options: MillOptions) {}

  async open(): Promise<void> {
    const { logged } = this;
    const hear = (entry: LogEntry) => {
      logged.push(entry);
      if (entry.level === 'ERROR') console.error(entry.message, entry.meta);
    };
    Runtime.install({ logger: new DefaultLogger('WARN', hear) });
    this.folder = openRunFolder();
    this.#closing.push(async () => this.folder.close());
    this.model = await startScriptedModel({ scenario: (call) => this.#answer(call), logMessages: true });
    this.#closing.push(() => this.model.close());
    this.local = this.options.local ? await this.#openLocal() : this.model;
    await this.startServer();
    this.#closing.push(() => this.server.stop());
    this.#connection = await Connection.connect({ address: this.server.address });
    this.#closing.push(() => this.#connection.close());
    this.environment = this.#environment();
    this.holdKeys(this.environment[KEYS_VARIABLE]);
    this.#bundle = await workflowBundle(cacheFolder());
    this.#processes = new Processes(this.folder.logs);
    this.#closing.push(() => this.#processes.close());
    await this.startWorkers(this.options.workers ?? ['workflows', 'agents', 'sandbox', 'gate']);
  }

  async #openLocal(): Promise<ScriptedModel> {
    const local = await startScriptedModel({ scenario: (call) => this.#answer(call), logMessages: true });
    this.#closing.push(() => local.close());
    return local;
  }

  async close(): Promise<void> {
    await this.#keepNews();
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  /** At the address where it was, if it ran before. */
  async startServer(): Promise<void> {
    const port = this.server === undefined ? undefined : Number(this.server.address.split(':')[1]);
    const dbFile = this.options.durable ? this.folder.database : undefined;
    const { settings, server } = this.options;
    const own = async () => startServer({ temporal: await findTemporal(), port, dbFile, settings });
    this.server = await (server ?? own)();
  }

  /** From now on, for this process and for those that are started: as `MILLWRIGHT_ENCRYPTION_KEYS` has them. */
  holdKeys(keys?: string): void {
    this.environment = { ...this.environment, [KEYS_VARIABLE]: keys ?? '' };
    const payloadCodecs = [createCodec(encryptionKeys(this.environment), 'refuse')];
    this.client = new Client({ connection: this.#connection, dataConverter: { payloadCodecs } });
  }

  /** In this process. */
  async startWorkers(kinds: readonly QueueKind[]): Promise<void> {
    if (kinds.length === 0) return;
    const connection = await NativeConnection.connect({ address: this.server.address });
    const workers = await Promise.all(
      kinds.map(async (kind) => {
        const options = await workersOf[kind](this.#config(kind));
        return Worker.create({ connection, taskQueue: queues[kind], ...options, ...this.#hands(kind) });
      }),
    );
    const running = workers.map((worker) => worker.run());
    kinds.forEach((kind, at) => this.#working.set(kind, { worker: workers[at]!, running: running[at]! }));
    this.#closing.push(async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
      await connection.close();
    });
  }

  #hands(kind: QueueKind): { maxConcurrentActivityTaskExecutions?: number } {
    const { callsAtOnce } = this.options;
    return kind === 'agents' && callsAtOnce !== undefined ? { maxConcurrentActivityTaskExecutions: callsAtOnce } : {};
  }

  /** While its worker in this process is away: it finds all at once what came meanwhile. */
  async whileAway(kind: QueueKind, work: () => Promise<void>): Promise<void> {
    const { worker, running } = this.#working.get(kind)!;
    worker.shutdown();
    await running;
    await work();
    await this.startWorkers([kind]);
  }

  /** As a process of its own, with mirrors of its own, as on another machine. */
  async startWorkerProcess(listed: string, over: NodeJS.ProcessEnv = {}, code = ROOT): Promise<RunningProcess> {
    const name = `worker-${++this.#workers}`;
    const started = await this.#processes.start({
      ...{ name, command: process.execPath, args: ['scripts/run.cjs', 'worker', '--queues', listed], cwd: code },
      env: { ...this.environment, MILLWRIGHT_HOME: join(this.folder.mirrors, name), ...over },
    });
    await started.said(/^ready /m, 240);
    return started;
  }

  /** As a person uses Temporal's own command line. */
  async temporal(...args: string[]): Promise<string> {
    const all = [...args, '--address', this.server.address];
    return execFileSync(await findTemporal(), all, { stdio: 'pipe' }).toString();
  }

  /** To the first or the last task of its workflow, or to one that is named by its event. */
  async reset({ id }: Delivery, to: 'FirstWorkflowTask' | 'LastWorkflowTask' | number = 'FirstWorkflowTask') {
    const point = typeof to === 'number' ? ['--event-id', `${to}`] : ['--type', to];
    await this.temporal('workflow', 'reset', '--workflow-id', id, ...point, '--reason', 'a test');
  }

  /** As a person runs `npm run <verb> -- …`, with nobody at a terminal. */
  verb(...args: string[]): Promise<{ code: number; out: string; said: string }> {
    const env = { ...this.environment, NO_COLOR: '1' };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, ['scripts/run.cjs', ...args], { cwd: ROOT, env }, (_, out, err) =>
        resolve({ code: child.exitCode ?? -1, out, said: out + err }),
      );
      child.stdin?.end();
    });
  }

  /** What a verb prints that does what it was asked to. */
  async told(...args: string[]): Promise<string> {
    const { code, out, said } = await this.verb(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
    return out;
  }

  /** What was not written to its file is lost. */
  async killServer(): Promise<void> {
    await kill(this.server);
    await this.server.stop();
  }

  // ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts a project; what is asked for is a sum unless it says otherwise. */
  async project(scripts: Scripts, { id = `project-${++this.#runs}`, ...request }: Requested = {}): Promise<Delivery> {
    return this.#start('deliverProject', id, scripts, request);
  }

  /** Starts a milestone alone, without a project around it. */
  async milestone(script: Script, { id = `alone-${++this.#runs}`, ...request }: Requested = {}): Promise<Delivery> {
    return this.#start('deliverMilestone', id, { [id.split('/')[1] ?? 'milestone']: script }, request);
  }

  /** A run with this very input, whatever it is. */
  async start(type: 'deliverProject' | 'deliverMilestone', workflowId: string, ...args: unknown[]): Promise<Delivery> {
    const handle = await this.client.workflow.start(type, { taskQueue: queues.workflows, workflowId, args });
    const [input] = args;
    return new Delivery(handle, (input as Requested | null)?.repository ?? '', this.#calls);
  }

  /** The milestone of a project, as a run of its own. */
  milestoneOf({ id, repository }: Delivery, milestone: string): Delivery {
    return new Delivery(this.client.workflow.getHandle(`${id}/${milestone}`), repository, this.#calls);
  }

  /** What the model says in a run that something else starts. */
  scripted(project: string, scripts: Scripts): void {
    this.#scenarios.set(project, scenarioOf(scripts));
  }

  /** One that is there already, read with the keys that are held now. */
  run({ id, repository }: Pick<Delivery, 'id' | 'repository'>): Delivery {
    return new Delivery(this.client.workflow.getHandle(id), repository, this.#calls);
  }

  async #start(type: 'deliverProject' | 'deliverMilestone', id: string, scripts: Scripts, request: Requested) {
    this.scripted(id.split('/')[0]!, scripts);
    const repository = request.repository ?? bare({ 'README.md': '# Sums\n' });
    return this.start(type, id, { request: 'Sums, please.', ...request, repository });
  }

  /** The ids of the runs that the inbox shows as waiting for this, once it shows this one; without it, where it never does. */
  inbox(reason: WaitReason, id: string): Promise<string[]> {
    return this.inboxOnce(reason, (ids) => ids.includes(id));
  }

  /** The same, once this holds of them. */
  inboxOnce(reason: WaitReason, holds: (ids: readonly string[]) => boolean): Promise<string[]> {
    const query = `MillwrightWaitingFor = "${reason}"`;
    return once(async () => {
      const found: string[] = [];
      for await (const { workflowId } of this.client.workflow.list({ query })) found.push(workflowId);
      return found;
    }, holds);
  }

  /** What `temporal workflow show --output json` says. */
  async history(id: string, runId?: string): Promise<string> {
    const one = ['--workflow-id', id, ...(runId === undefined ? [] : ['--run-id', runId])];
    const args = ['workflow', 'show', ...one, '--output', 'json', '--address', this.server.address];
    return execFileSync(await findTemporal(), args, { maxBuffer: 2 ** 26 }).toString();
  }

  /** With MILLWRIGHT_KEEP_HISTORIES set, keeps a history for test/replay.test.ts; one that is there stays as it is. */
  async keepHistory(id: string, name: string): Promise<void> {
    if (!process.env.MILLWRIGHT_KEEP_HISTORIES || existsSync(fileOf(name))) return;
    keep(name, JSON.parse(await this.history(id)) as Exported);
  }

  /** Likewise whatever shows something that no stored history does; what is encrypted, nobody could replay. */
  async #keepNews(): Promise<void> {
    if (!process.env.MILLWRIGHT_KEEP_HISTORIES || this.environment?.[KEYS_VARIABLE]) return;
    for await (const { workflowId, runId, type } of this.client.workflow.list()) {
      if (!type.startsWith('deliver')) continue;
      const history = JSON.parse(await this.history(workflowId, runId)) as Exported;
      // Other files may have kept some meanwhile.
      const known = new Set(stored().flatMap(shownBy));
      const news = shownBy(history).find((shown) => !known.has(shown));
      if (news === undefined) continue;
      const how = news.replace(/^deliver\w+ ended as/, 'that is').replace(/^the/, 'by the');
      keep(`${type.replace('deliver', '').toLowerCase()} ${how}`.replaceAll(' ', '-'), history);
    }
  }

  /** Every history of every run that there was here, the latest first. */
  async histories(): Promise<HistoryAndWorkflowId[]> {
    const found: HistoryAndWorkflowId[] = [];
    for await (const history of this.client.workflow.list().intoHistories()) found.push(history);
    return found;
  }

  /** Replays every run that there was here; names those that do not. */
  async doNotReplay(): Promise<string[]> {
    const histories = this.client.workflow.list().intoHistories();
    const failed: string[] = [];
    const options = {
      workflowBundle: this.#bundle,
      ...unhurried,
      ...dataConverter({ encryption: encryptionKeys(this.environment) }),
    };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
      if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
    return failed;
  }

  /** Of every endpoint there is, as they came. */
  readonly #calls = (): LoggedCall[] =>
    [...new Set([this.model, this.local])].flatMap(({ calls }) => calls).sort((a, b) => a.at.localeCompare(b.at));

  #answer(call: Parameters<Scenario>[0]): ReturnType<Scenario> {
    const scenario = this.#scenarios.get(call.project);
    if (scenario === undefined) throw new Error(`nothing is scripted for ${call.project}`);
    return scenario(call);
  }

  // ── settings ────────────────────────────────────────────────────────────────────────────────────────────────────

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TEMPORAL_ADDRESS: this.server.address,
      MILLWRIGHT_HOME: this.folder.mirrors,
      MILLWRIGHT_CONFIG: this.#definitions(),
      OPENAI_BASE_URL: this.model.url,
      LOCAL_BASE_URL: this.local.url,
      OPENAI_API_KEY: 'sk-scripted',
      OPENAI_MODEL: 'scripted',
      OPENAI_FAMILY: 'scripted-a',
      REVIEW_FAMILY: 'scripted-b',
      ...this.options.environment,
    };
  }

  #config(kind: QueueKind): Config {
    const { environment } = this;
    const { testRuns } = this.options;
    return {
      home: this.options.apart ? join(this.folder.mirrors, kind) : this.folder.mirrors,
      definitions: { shipped: ROOT, own: environment.MILLWRIGHT_CONFIG },
      cache: cacheFolder(),
      ...(testRuns !== undefined && { testRuns }),
      forge: this.options.forge?.(),
      gateKey: this.options.gateKey,
      allowedSigners: this.options.allowedSigners,
      install: readConfig(environment).install,
      newDependencies: readConfig(environment).newDependencies,
      encryption: encryptionKeys(environment),
      sameFamilyReview: false,
      environment,
    };
  }

  #definitions(): string | undefined {
    const { definitions } = this.options;
    if (definitions === undefined) return undefined;
    const folder = join(this.folder.path, 'definitions');
    mkdirSync(join(folder, 'pipelines'), { recursive: true });
    for (const [path, content] of Object.entries(definitions)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }
}

/** As a power cut does it. */
export async function kill({ pid, exited }: { pid: number; exited: Promise<unknown> }): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await exited;
}

// Who waits for a run that stands still says so before this is over.
const TEST_LIMIT_MS = 600_000;

/** Open for the whole test file. */
export function useMill(options: MillOptions = {}): Mill {
  jest.setTimeout(TEST_LIMIT_MS);
  const mill = new Mill(options);
  beforeAll(() => mill.open());
  afterAll(() => mill.close());
  return mill;
}
