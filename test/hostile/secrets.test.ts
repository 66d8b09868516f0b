// What a worker and a repository keep secret stays there, whatever models and tested code do to get it out; and no change
// brings a secret in.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { transient } from '../../src/domain/failures';
import { discreetly } from '../../src/workers/discreet';
import { redactor, secretsIn } from '../../src/domain/secrets';
import { bare, fresh, git, ground, tip, worker } from '../adapters/git/ground';
import { change, code, evaluation, review, suite, test as testing } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { textOf } from '../scenarios/script';
import { ask, changeOf } from './asked';
import { newKey } from './keys';

const random = (chars: number) => randomBytes(chars).toString('base64url').replace(/[-_]/g, 'x').slice(0, chars);

/** A secret in the spellings that are easy to read back. */
const spelled = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  return [secret, [...secret].reverse().join(''), bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')];
};

/** Every object of a repository, whatever refers to it. */
const objectsOf = (repository: string): string =>
  execFileSync('git', ['cat-file', '--batch-all-objects', '--batch', '--unordered'], {
    cwd: repository,
    maxBuffer: 2 ** 28,
  }).toString('latin1');

// ── a change that brings one ────────────────────────────────────────────────────────────────────────────────────

const b = (text: string) => text.split('').reverse().join(''); // so that no scanner takes this file for a leak
const secrets: [string, string, RegExp][] = [
  ['a token of GitHub', b(`${random(36)}_phg`), /github/],
  ['a key of AWS', `aws_secret_access_key = "${random(40)}"`, /aws/],
  ['a token of Slack', b(`${random(24)}-1234567890123-123456789012-bxox`), /slack/],
  ['a token of npm', b(`${random(36)}_mpn`), /npm/],
  ['a key of OpenAI', `${b('-ks')}${random(20)}T3BlbkFJ${random(20)}`, /openai/],
  ['a private key', readFileSync(newKey('leaked'), 'utf8').trim(), /privatekey/],
  ['a password in an address', `https://root:${random(16)}@db.example.org/`, /basicauth/],
];
const quoted = (text: string) => `\`${text}\``;

describe('a change that contains', () => {
  test.each(secrets)('%s is refused with file, line and rule, and nothing of it is kept', async (_, secret, rule) => {
    const repository = bare();
    const evil = changeOf({ 'src/a.js': `// a\nexports.key = ${quoted(secret)};\n` });
    const { handoff, heard } = await ask({
      repository,
      writes: 'Change',
      says: [evil, changeOf({ 'src/a.js': '// a\n' })],
    });
    const told = heard[1]!.messages.at(-1)!.content;
    expect(told).toMatch(/src\/a\.js: line 2: there was a secret \(.*\); leave it out/);
    expect(told).toMatch(rule);
    expect(handoff.status).toBe('ok');
    const secretPart = secret
      .trim()
      .split('\n')
      .at(secret.includes('\n') ? 1 : 0)!
      .slice(-16);
    expect(objectsOf(repository)).toContain('secret removed');
    for (const text of [objectsOf(repository), JSON.stringify(handoff), JSON.stringify(heard[1]!.messages)])
      expect(text).not.toContain(secretPart);
  });

  test.each<[string, (json: string, secret: string) => string]>([
    [
      'escaped',
      (json, secret) =>
        json.replaceAll(secret, [...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')),
    ],
    ['under a name that is said twice', (json, secret) => json.replace(/^\{/, `{"summary":"${secret}",`)],
    [
      'with a comment that would switch the rules off',
      (json, secret) => json.replaceAll(secret, `secretlint-disable ${secret}`),
    ],
    ['in its explanation', (json, secret) => json.replace('"explanation":""', `"explanation":"${secret}"`)],
  ])('one %s does not leave it anywhere', async (_, hidden) => {
    const repository = bare();
    const [, secret] = secrets[0]!;
    const evil = hidden(JSON.stringify(changeOf({ 'src/a.js': `exports.a = '${secret}';\n` })), secret);
    await ask({ repository, writes: 'Change', says: [evil, changeOf({ 'src/a.js': '1\n' })] });
    expect(objectsOf(repository)).not.toContain(secret);
    expect(objectsOf(repository)).not.toContain('\\u0067');
  });

  test('a fake one that a person has put into the base is not new, and may be used', async () => {
    const [, fake] = secrets[0]!;
    const repository = bare({ 'test/fixtures/token.txt': `${fake}\n` });
    const { handoff } = await ask({
      repository,
      writes: 'Change',
      says: [changeOf({ 'src/a.js': `// like ${fake}\n` })],
    });
    expect(handoff.status).toBe('ok');
    expect(git(repository, 'show', `${String(handoff.facts.work)}:src/a.js`)).toContain(fake);
  });

  test('but what stands in a file that keeps secrets is not shown by it', async () => {
    const [, real] = secrets[0]!;
    const repository = bare({ '.env': `TOKEN=${real}\n`, 'a.js': 'x\n' });
    const { handoff, prompt } = await ask({
      repository,
      writes: 'Change',
      says: [changeOf({ 'src/a.js': `// ${real}\n` })],
    });
    expect(handoff).toMatchObject({ status: 'blocked', cause: 'invalid-answer' });
    expect(prompt()).toContain('.env (');
    expect(prompt()).not.toContain(real);
  });
});

// ── what keeps them ─────────────────────────────────────────────────────────────────────────────────────────────

const keeping = [
  '.env',
  'app/.env.production',
  '.envrc',
  '.netrc',
  'home/.ssh/id_ed25519',
  '.aws/credentials',
  'id_rsa',
  '.git-credentials',
];

test.each(keeping)('%s is read by no model, written by none, and not there for tested code', async (file) => {
  const canary = random(24);
  const repository = bare({ [file]: `X=${canary}\n`, '.env.example': 'X=\n', 'a.js': 'x\n' });
  const tool = (name: string, args: object) => ({
    ...{
      said: 'tools',
      text: '',
      usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, ms: 0, calls: 1, estimated: 0 },
      model: 'm',
    },
    calls: [{ id: 'c', name, arguments: JSON.stringify(args) }],
  });
  const says = [
    tool('read', { path: file }),
    tool('search', { text: canary.slice(0, 8) }),
    tool('search', { text: 'X=' }),
    changeOf({ [file]: 'mine\n' }),
  ];
  const { heard, handoff } = await ask({ repository, writes: 'Change', says, tools: ['read', 'search', 'list'] });
  expect(JSON.stringify(heard.map(({ messages }) => messages))).not.toContain(canary);
  expect(JSON.stringify(heard.at(-1)!.messages)).toContain('.env.example:1: X=');
  expect(handoff.summary).toContain('it keeps secrets');
  const folder = fresh('box');
  await worker().trees.extract(repository, tip(repository), folder);
  expect(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (one) => path.basename(one) !== '.ssh' && one === file,
    ),
  ).toEqual([]);
  expect(readFileSync(path.join(folder, '.env.example'), 'utf8')).toBe('X=\n');
});

test('a worker knows its secrets by their names, and takes them out of a text however they are spelled', () => {
  const environment = {
    ...{
      OPENAI_API_KEY: 'sk-0123456789',
      FORGE_TOKEN: 'tok/en+0123',
      DB_URL: 'postgres://app:hunter22x@db/x',
      MY_PASSWORD: 'correct "horse"',
    },
    ...{
      SSH_AUTH_SOCK: '/tmp/sock',
      LOCAL_KEY_VARIABLE: 'OPENAI_API_KEY',
      GATE_KEY: '/etc/gate',
      HOME: '/root',
      API_KEY: 'scripted',
      SHORT_KEY: 'abc1',
    },
  };
  const known = secretsIn(environment, ['OPENAI_API_KEY']);
  expect(known.map(({ name }) => name).sort()).toEqual(['DB_URL', 'FORGE_TOKEN', 'MY_PASSWORD', 'OPENAI_API_KEY']);
  const redact = redactor(known);
  for (const { name, value } of known)
    for (const before of ['', 'x', 'xy'])
      for (const text of [
        value,
        ...spelled(value),
        Buffer.from(`${before}${value} and more`).toString('base64'),
        JSON.stringify({ value }),
      ]) {
        expect(redact(`see ${text} there`)).toContain(`[secret removed: ${name}]`);
        expect(redact(text)).not.toContain(value);
      }
  expect(redact('as scripted in /tmp/sock of OPENAI_API_KEY')).toBe('as scripted in /tmp/sock of OPENAI_API_KEY');
});

test('what an activity gives back or fails with goes to Temporal without them, whatever it is', async () => {
  const { interceptors } = discreetly({ MODEL_KEY: 'sk-0123456789' });
  const [make] = interceptors!.activity!;
  const { execute } = make!({} as never).inbound!;
  const giving = (next: () => Promise<unknown>) => execute!({ args: [], headers: {} }, next);
  expect(await giving(async () => ({ a: [{ 'sk-0123456789': 'see sk-0123456789' }], n: 1, none: null }))).toEqual({
    ...{ a: [{ '[secret removed: MODEL_KEY]': 'see [secret removed: MODEL_KEY]' }], n: 1, none: null },
  });
  const failure = transient('ModelUnavailable', 'sent sk-0123456789', { cause: new Error('with sk-0123456789') });
  const thrown = (await giving(() => Promise.reject(failure)).catch((error: unknown) => error)) as ApplicationFailure;
  expect(thrown).toBe(failure);
  const all = [thrown.message, thrown.stack, thrown.cause?.message, thrown.cause?.stack].join();
  expect(all).not.toContain('sk-0123456789');
  expect(thrown.message).toBe('sent [secret removed: MODEL_KEY]');
});

// ── a whole delivery ────────────────────────────────────────────────────────────────────────────────────────────

const canaries = {
  modelKey: `sk-${random(32)}`,
  token: random(24),
  password: random(24),
  unnamed: random(24),
  home: random(24),
  dotenv: random(24),
};
const home = fresh('home-of-worker');
mkdirSync(path.join(home, '.ssh'), { recursive: true });
writeFileSync(path.join(home, '.ssh/id_ed25519'), `${canaries.home}\n`);

describe('a milestone that is delivered with an endpoint that repeats all it hears, and code that looks for secrets', () => {
  const mill = useMill({
    definitions: small,
    workers: [],
    environment: {
      ...{ OPENAI_API_KEY: canaries.modelKey, DEPLOY_TOKEN: canaries.token, HOME: home, NO_COLOR: '1' },
      ...{ DATABASE_URL: `postgres://app:${canaries.password}@db/app`, CANARY: canaries.unnamed },
    },
  });
  // Where the worker keeps its things, which the sandbox must not show either.
  const prying = `const fs = require('node:fs');
const read = (file) => { try { return fs.readFileSync(file, 'latin1'); } catch (error) { return error.code; } };
const found = [JSON.stringify(process.env), ...['/proc/self/environ', '/proc/1/environ', '/proc/' + process.ppid + '/environ',
  '${home}/.ssh/id_ed25519', process.env.HOME + '/.ssh/id_ed25519', '/root/.ssh/id_ed25519', '.env', '../.env', '/box/.env'].map(read)].join('|');
console.log('FOUND', found);
`;
  const failing = `${prying}exports.add = () => { throw new Error('FOUND ' + found); };\n`;
  const passing = `${prying}exports.add = (a, b) => a + b;\n`;

  test('shows none of them in prompts, history, ledger, commits, mirrors, logs, status or report', async () => {
    const repository = bare({ 'README.md': '# Sums\n', '.env': `KEY=${canaries.dotenv}\n` });
    await mill.startWorkerProcess('workflows,agents,sandbox,gate');
    /** The endpoint has the key: it is sent with every call. */
    const echo = ({ apiKey = '', messages }: { apiKey?: string; messages: Parameters<typeof textOf>[0]['messages'] }) =>
      `${spelled(apiKey).join(' ')} ${textOf({ messages }).slice(-2_000)}`;
    let tries = 0;
    const run = await mill.milestone(
      {
        implement: (call) => {
          tries += 1;
          const more = { explanation: echo(call), changelog: echo(call), summary: echo(call).slice(0, 150) };
          if (tries === 1) return change({ ...code('add'), 'src/key.js': `exports.key = '${call.apiKey}';\n` }, more);
          return change({ 'src/add.js': call.iteration === 1 ? failing : passing }, more);
        },
        tests: [suite(testing('add'))],
        review: (call) => review({ rationale: echo(call), suggestions: [echo(call)], next_step: echo(call) }),
        evaluate: (call) => ({ json: { ...(evaluation() as { json: object }).json, feedback: echo(call) } }),
      },
      { repository, pipeline: 'judged', approvers: ['ada'], id: 'secretive' },
    );
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });

    const mirrors = readdirSync(path.join(mill.folder.mirrors, 'worker-1'), { recursive: true, encoding: 'utf8' })
      .filter((one) => path.basename(one) === 'objects')
      .map((one) => path.join(mill.folder.mirrors, 'worker-1', path.dirname(one)));
    expect(mirrors.length).toBeGreaterThan(0);
    const blob = git(repository, 'rev-parse', 'main:.env');
    const told: Record<string, string> = {
      prompts: JSON.stringify(run.calls().map(({ messages }) => messages)),
      history: decoded(await mill.history(run.id)),
      objects: objectsOf(repository).replace(new RegExp(`${blob} blob \\d+\nKEY=.*\n`), ''),
      mirrors: mirrors
        .map(objectsOf)
        .join('\n')
        .replaceAll(new RegExp(`${blob} blob \\d+\nKEY=.*\n`, 'g'), ''),
      logs: readdirSync(mill.folder.logs)
        .map((file) => readFileSync(path.join(mill.folder.logs, file), 'utf8'))
        .join('\n'),
      status: JSON.stringify([
        await run.status(),
        await mill.told('status', run.id, '--json'),
        await mill.told('status', run.id),
      ]),
      report: (await mill.told('report', run.id, '--markdown')) + (await mill.told('report', run.id, '--json')),
    };
    // That it looked, and was heard: the failure went back to the agent.
    expect(told.prompts).toContain('FOUND');
    expect(told.objects).toContain('[secret removed: OPENAI_API_KEY]');
    expect(run.prompt('implement', 1)).toMatch(/src\/key\.js: line 1: there was a secret \(OPENAI_API_KEY\)/);
    const leaks = Object.entries(told).flatMap(([where, text]) =>
      Object.entries(canaries).flatMap(([name, canary]) =>
        spelled(canary).some((one) => text.includes(one)) ? `${name} in ${where}` : [],
      ),
    );
    expect(leaks).toEqual([]);
    expect(readdirSync(ground)).toContain(path.basename(home));
  });
});

/** A history as it is, with all that is in base64 in it beside it. */
function decoded(history: string): string {
  const inside = (history.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []).map((text) =>
    Buffer.from(text, 'base64').toString('latin1'),
  );
  return [history, ...inside].join('\n');
}
