// `npm run codec` as a process: it speaks Temporal's remote codec protocol, and to nobody who should not hear it.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { Processes, type RunningProcess } from '../../scripts/stack/processes';
import { openRunFolder } from '../../scripts/stack/run-folder';

const ROOT = join(__dirname, '../..');
const UI = 'http://127.0.0.1:8233';
const TOKEN = 'a-long-random-word';
const keys = `k1:${randomBytes(32).toString('base64')}`;
const folder = openRunFolder();
const processes = new Processes(folder.logs);
const codec = (name: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<RunningProcess> =>
  processes.start({
    ...{ name, command: process.execPath, args: ['scripts/run.cjs', 'codec', '--port', '0', ...args], cwd: ROOT },
    env: { MILLWRIGHT_ENCRYPTION_KEYS: keys, ...env },
  });
const urlOf = async (started: RunningProcess) => (await started.said(/codec +(http:\S+)/, 120))[1]!;

let open: string;
let guarded: string;
beforeAll(async () => {
  const both = await Promise.all([
    codec('open', {}, '--origin', UI),
    codec('guarded', { MILLWRIGHT_CODEC_TOKEN: TOKEN }),
  ]);
  [open, guarded] = (await Promise.all(both.map(urlOf))) as [string, string];
});
afterAll(async () => {
  await processes.close();
  folder.close();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const body = { payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64('"Add JWT login"') }] };
const post = (url: string, sent: unknown = body, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers, body: typeof sent === 'string' ? sent : JSON.stringify(sent) });

test('encodes and decodes as Temporal asks it, wherever its endpoint lies', async () => {
  const encoded = (await (await post(`${open}/encode`)).json()) as typeof body;
  expect(JSON.stringify(encoded)).not.toContain(body.payloads[0]!.data);
  expect(encoded.payloads[0]!.metadata.encoding).toBe(base64('binary/encrypted'));
  expect(await (await post(`${open}/below/decode`, encoded)).json()).toEqual(body);
});

test('what its keys do not open it tells in words, and the rest is decoded', async () => {
  const strange = {
    metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('k9') },
    data: 'AAAA',
  };
  const answer = (await (
    await post(`${open}/decode`, { payloads: [strange, ...body.payloads] })
  ).json()) as typeof body;
  expect(Buffer.from(answer.payloads[0]!.data, 'base64').toString()).toMatch(/the key \\"k9\\", which is not in/);
  expect(answer.payloads[1]).toEqual(body.payloads[0]);
});

test("only the UI's page may ask, and is told so before it does", async () => {
  const asking = {
    Origin: UI,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'x-namespace',
  };
  const preflight = await fetch(`${open}/decode`, { method: 'OPTIONS', headers: asking });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(UI);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Namespace');
  expect((await post(`${open}/decode`, body, { Origin: UI })).headers.get('access-control-allow-origin')).toBe(UI);

  for (const origin of ['http://evil.example', `${UI}.evil.example`, 'null', 'http://127.0.0.1:8234']) {
    const refused = await post(`${open}/decode`, body, { Origin: origin });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  }
});

test("a stranger's name that leads to this machine is refused", async () => {
  const { port } = new URL(open);
  const status = await new Promise((resolve, reject) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/decode',
      method: 'POST',
      headers: { Host: `evil.example:${port}` },
    });
    asked.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    asked.end(JSON.stringify(body));
  });
  expect(status).toBe(421);
});

test('with a token nobody else is heard', async () => {
  expect((await post(`${guarded}/decode`)).status).toBe(401);
  expect((await post(`${guarded}/decode`, body, { Authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await post(`${guarded}/decode`, body, { Authorization: `Bearer ${TOKEN}` })).status).toBe(200);
});

test.each([
  ['no JSON', '/decode', 'nonsense', 400],
  ['no payloads', '/decode', { payloads: [{ data: 7 }] }, 400],
  ['another path', '/', body, 404],
])('%s is refused in words', async (_, path, sent, status) => {
  const answer = await post(`${open}${path}`, sent);
  expect(answer.status).toBe(status);
  expect(((await answer.json()) as { message: string }).message).toMatch(/./);
});

test.each([
  ['without keys', { MILLWRIGHT_ENCRYPTION_KEYS: '' }, [], /MILLWRIGHT_ENCRYPTION_KEYS is not set/],
  ['with keys that are none', { MILLWRIGHT_ENCRYPTION_KEYS: 'k1:short' }, [], /has 3 bytes instead of 32/],
  [
    'for all the world and without a token',
    {},
    ['--host', '0.0.0.0'],
    /whoever reaches it reads everything; set MILLWRIGHT_CODEC_TOKEN/,
  ],
  ['for an origin that is none', {}, ['--origin', '*'], /"\*" is no origin/],
])('it does not start %s', (_, env, args, why) => {
  const ended = spawnSync(process.execPath, ['scripts/run.cjs', 'codec', '--port', '0', ...args], {
    ...{ cwd: ROOT, encoding: 'utf8', env: { ...process.env, MILLWRIGHT_ENCRYPTION_KEYS: keys, ...env } },
  });
  expect(ended.status).toBe(2);
  expect(ended.stderr).toMatch(why);
});
