// With keys, Temporal sees nothing of a request, of what models say, or of files; without the right key a run waits, in words.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { createCodec } from '../../src/adapters/encryption/codec';
import { encryptionKeys } from '../../src/adapters/encryption/keys';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { Processes, type RunningProcess } from '../../scripts/stack/processes';
import { bare } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { useMill } from './mill';

const mill = useMill({ definitions: small, workers: [], durable: true });
const ROOT = join(__dirname, '../..');
const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [k1, k2, k9] = [key('k1'), key('k2'), key('k9')];

const workers: RunningProcess[] = [];
const ALL = 'workflows,agents,sandbox,gate';
const start = async (queues = ALL, over: NodeJS.ProcessEnv = {}) => {
  const started = await mill.startWorkerProcess(queues, over);
  workers.push(started);
  return started;
};
const stop = async () => void (await Promise.all(workers.splice(0).map((worker) => worker.stop())));
afterEach(stop);

const temporal = async (...args: string[]): Promise<string> =>
  execFileSync(await findTemporal(), [...args, '--address', mill.server.address], { maxBuffer: 2 ** 28 }).toString();

const script = () => ({ implement: [change(code('add'))], tests: [suite(testing('add'))] });

/** Words that must be seen nowhere, by where they are said. */
const canaries = {
  request: 'quokkarequest',
  model: 'wombatmodel',
  file: 'numbatfile',
  note: 'bilbynote',
  endpoint: 'dingoendpoint',
  milestone: 'dunnartmilestone',
  pipeline: 'potoroopipeline',
};

/** As a run is told to its server, and shown by it: plainly, and in base64. */
const inside = (text: string): string =>
  [text, ...(text.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []).map((one) => Buffer.from(one, 'base64').toString('latin1'))]
    .join('\n')
    .toLowerCase();
const leaksIn = (told: Record<string, string>): string[] =>
  Object.entries(told).flatMap(([where, text]) =>
    Object.values(canaries).flatMap((canary) => (inside(text).includes(canary) ? `${canary} in ${where}` : [])),
  );

const database = (): string => {
  const file = mill.folder.database;
  const files = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)));
  return files.map((name) => readFileSync(join(dirname(file), name), 'latin1')).join('\n');
};

test('a project shows its server no word of request, models, files, people or failures, and is read with the key', async () => {
  mill.holdKeys(k1);
  await start();
  const { request, model, file, note, endpoint, milestone, pipeline } = canaries;
  const said = { summary: `the ${model} as asked`, explanation: model };
  const files = { ...code('add'), [`src/${file}.js`]: `// ${file}\n` };
  const failing = ({ attempt }: { attempt: number }) =>
    attempt === 1 ? { status: 503, body: { error: { message: endpoint } } } : change(files, said);
  const repository = bare({ 'README.md': '# Sums\n' });
  const project = {
    understand: [understanding({ goal: model, summary: model })],
    plan: [plan({ [milestone]: [], [`${milestone}-2`]: [milestone] })],
    deploy: [deployment()],
  };
  const second = { implement: [change(code('second'), said)], tests: [suite(testing('second'))] };
  mill.scripted('secret', { project, m1: { ...script(), implement: failing }, m2: second });
  await mill.told(
    ...['start', '--request', `Do ${request}`, '--repository', repository, '--pipeline', 'quick'],
    ...['--project', 'secret'],
  );
  const run = mill.run({ id: 'secret', repository });

  const first = mill.milestoneOf(run, 'm1');
  await first.untilItWaitsFor('approval');
  const waiting = {
    described: await temporal('workflow', 'describe', '--workflow-id', 'secret/m1', '--output', 'json'),
    listed: await temporal('workflow', 'list', '--output', 'json'),
  };
  await first.answered(() => first.say('requestChanges', { subject: 'f'.repeat(40), by: 'ada', note }));
  expect(await mill.told('status', 'secret')).toContain(`The ${milestone}`);
  expect(await mill.told('status')).toContain(request);
  await run.delivered();

  await mill.start('deliverMilestone', 'refused', { request, repository, pipeline });
  await expect(mill.client.workflow.getHandle('refused').result()).rejects.toMatchObject({
    cause: { cause: { message: expect.stringContaining(pipeline) } },
  });
  const [named] = /Started project \S+/.exec(
    await mill.told('start', '--request', request, '--repository', repository, '--pipeline', 'solo'),
  )!;
  expect(named).toMatch(/^Started project project-[0-9a-f]{6}$/);

  const ids = ['secret', 'secret/m1', 'secret/m2', 'refused'];
  const histories = await Promise.all(ids.map(async (id) => [`history of ${id}`, await mill.history(id)] as const));
  const listed = await temporal('workflow', 'list', '--output', 'json');
  expect(leaksIn({ ...Object.fromEntries(histories), ...waiting, listed, database: database() })).toEqual([]);

  // That there was something to see: with the key it is all there.
  const processes = new Processes(mill.folder.logs);
  try {
    const env = { MILLWRIGHT_ENCRYPTION_KEYS: k1 };
    const args = ['scripts/run.cjs', 'codec', '--port', '0'];
    const codec = await processes.start({ name: 'codec', command: process.execPath, args, cwd: ROOT, env });
    const [, url] = await codec.said(/codec +(http:\S+)/, 120);
    const shown = await Promise.all(
      ids.map((id) => temporal('workflow', 'show', '--workflow-id', id, '--output', 'json', '--codec-endpoint', url!)),
    );
    const seen = leaksIn({ shown: shown.join('\n') });
    // Files travel by git: of them there is nothing to be read even with the key.
    const said = Object.values(canaries).filter((canary) => canary !== file);
    expect(seen.sort()).toEqual(said.map((canary) => `${canary} in shown`).sort());
  } finally {
    await processes.close();
  }
});

test('runs that are under way go on when it is switched on, and when the key is replaced', async () => {
  mill.holdKeys();
  await start();
  const plain = await mill.milestone(script(), { pipeline: 'quick' });
  await plain.untilItWaitsFor('approval');
  await stop();

  mill.holdKeys(k1);
  await start();
  const old = await mill.milestone(script(), { pipeline: 'quick' });
  await mill.run(plain).approve();
  expect(await mill.run(plain).result()).toMatchObject({ outcome: 'merged' });
  await old.untilItWaitsFor('approval');
  await stop();

  mill.holdKeys(`${k2},${k1}`);
  await start();
  await mill.run(old).approve();
  expect(await mill.run(old).result()).toMatchObject({ outcome: 'merged' });
  const named = (await mill.history(old.id)).matchAll(/"encryption-key-id": "([^"]+)"/g);
  const ids = new Set([...named].map(([, id]) => Buffer.from(id!, 'base64').toString()));
  expect([...ids].sort()).toEqual(['k1', 'k2']);
  expect(await mill.doNotReplay()).toEqual([]);
});

test('a worker without the key fails no run: it says what it lacks, and one that has the key goes on', async () => {
  mill.holdKeys(k1);
  const wrong = { MILLWRIGHT_ENCRYPTION_KEYS: key('k1') };
  const strangers = await start('workflows', wrong);
  const run = await mill.milestone(script(), { pipeline: 'quick' });
  const failed = await untilTaskFails(run.id);
  expect(failed).toContain('it is encrypted with the key "k1", which is not in MILLWRIGHT_ENCRYPTION_KEYS here');
  expect((await run.handle.describe()).status.name).toBe('RUNNING');
  await strangers.stop();

  // Beside one that has it: agents' calls come to both.
  await start('agents', { MILLWRIGHT_ENCRYPTION_KEYS: '' });
  await start();
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
});

test('a decision in a key that nobody has is refused in words, the next one counts, and it replays with that key', async () => {
  mill.holdKeys(k1);
  await start();
  const run = await mill.milestone(script(), { pipeline: 'quick' });
  const { subject } = await run.untilItWaitsFor('approval');
  const payloadCodecs = [createCodec(encryptionKeys({ MILLWRIGHT_ENCRYPTION_KEYS: k9 }), 'refuse')];
  const stranger = new Client({ connection: mill.client.connection, dataConverter: { payloadCodecs } });
  const refused = await run.answered(() =>
    stranger.workflow.getHandle(run.id).signal('approve', { subject, by: 'ada' }),
  );
  expect(refused).toMatchObject({ accepted: false, by: 'unknown' });
  expect(refused.reason).toMatch(/cannot be decoded: it is encrypted with the key "k9"/);
  await stop();

  // The next worker has the key, and must not take it for an approval after all.
  mill.holdKeys([k1, k9, k2].join());
  await start();
  const again = mill.run(run);
  expect((await again.untilItWaitsFor('approval')).subject).toBe(subject);
  await again.approve();
  expect(await again.result()).toMatchObject({ outcome: 'merged' });
  expect((await again.decisions()).map(({ accepted }) => accepted)).toEqual([false, true]);
  expect(await mill.doNotReplay()).toEqual([]);
});

/** What Temporal's own command line shows of it. */
async function untilTaskFails(id: string): Promise<string> {
  for (;;) {
    const { events = [] } = JSON.parse(await mill.history(id)) as {
      events?: { workflowTaskFailedEventAttributes?: { failure?: { message: string } } }[];
    };
    const failure = events.find((event) => event.workflowTaskFailedEventAttributes)?.workflowTaskFailedEventAttributes;
    if (failure !== undefined) return failure.failure?.message ?? '';
    await pause(500);
  }
}
