// doctor, as a process: it says what is in force and what is missing, and shows no secret.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../../scripts/doctor/findings';
import { UNSAFE_WORDS } from '../../../src/adapters/sandbox/sandbox';

const ROOT = path.join(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'doctor-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function doctor(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1', OPENAI_API_KEY: 'sk-not-for-eyes', ...environment };
  return spawnSync(process.execPath, ['scripts/run.cjs', 'doctor', ...args], { cwd: ROOT, encoding: 'utf8', env });
}
function found(environment: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = doctor(environment, '--json');
  const findings = JSON.parse(stdout) as Finding[];
  return { status, stderr, stdout, of: (what: string) => findings.find((one) => one.what === what) };
}

test('names what holds, and what does not with its cure, and ends with 7; of keys it says the names', () => {
  const { status, stderr, stdout, of } = found({});
  expect(of('sandbox')).toMatchObject({ state: 'ok', says: expect.stringMatching(/^bubblewrap \d/) });
  expect(of('isolation')!.says).toMatch(/no network.*empty environment.*filtered system calls/);
  expect(of('limits')!.says).toMatch(/processes/);
  for (const what of ['user', 'git', 'ssh-keygen']) expect(of(what)).toMatchObject({ state: 'ok' });
  expect(of('gate key')).toMatchObject({ state: 'off' });
  expect(of('allowed signers')).toMatchObject({ state: 'off' });
  expect(of('temporal')).toMatchObject({ state: 'missing', cure: expect.stringContaining('npm run dev') });
  expect(of('model key')).toMatchObject({ state: 'ok', says: 'OPENAI_API_KEY is set' });
  expect(status).toBe(7);
  expect(stderr).toMatch(/Missing: .*temporal/);
  expect(stdout + stderr).not.toContain('sk-not-for-eyes');
});

test('says from where packages come, whether that answers, and keeps its password to itself', () => {
  const away = found({
    MILLWRIGHT_NPM_REGISTRY: 'http://ada:pass-of-ada@127.0.0.1:9/npm',
    MILLWRIGHT_PYTHON_INDEX: 'http://127.0.0.1:9/simple',
  });
  expect(away.of('setup')).toMatchObject({
    state: 'off',
    says: expect.stringMatching(
      /^npm \d.* from http:\/\/127\.0\.0\.1:9\/npm\/, .* from http:\/\/127\.0\.0\.1:9\/simple\/.*does not answer/,
    ),
  });
  expect(away.stdout + away.stderr).not.toContain('pass-of-ada');
  expect(found({ MILLWRIGHT_INSTALL: 'off' }).of('setup')).toMatchObject({ says: 'nothing is installed for tests' });
});

test('finds a sandbox that is not there, one that is not wanted, and keys that are not safe', () => {
  const bins = path.join(folder, 'bin');
  spawnSync('sh', ['-c', `mkdir -p ${bins}; for f in sh git ssh-keygen; do ln -s $(command -v $f) ${bins}/; done`]);
  const key = path.join(folder, 'key');
  writeFileSync(key, 'no key');
  chmodSync(key, 0o644);
  const signers = path.join(folder, 'signers');
  writeFileSync(signers, '# nobody yet\n');
  const bare = found({
    ...{ PATH: bins, MILLWRIGHT_CACHE: path.join(folder, 'cache'), OPENAI_API_KEY: '' },
    ...{ MILLWRIGHT_GATE_KEY: key, MILLWRIGHT_ALLOWED_SIGNERS: signers },
  });
  expect(bare.of('sandbox')).toMatchObject({
    state: 'missing',
    says: expect.stringContaining('bubblewrap is not installed'),
  });
  expect(bare.of('sandbox')!.says).toContain('apt-get install bubblewrap');
  expect(bare.of('gate key')).toMatchObject({ state: 'missing', cure: `chmod 600 ${key}` });
  expect(bare.of('allowed signers')).toMatchObject({ state: 'missing', says: expect.stringContaining('names nobody') });
  expect(bare.of('model key')).toMatchObject({ state: 'off', says: 'OPENAI_API_KEY is not set' });

  chmodSync(key, 0o600);
  const unsafe = found({ MILLWRIGHT_UNSAFE: UNSAFE_WORDS, MILLWRIGHT_GATE_KEY: key });
  expect(unsafe.of('sandbox')).toMatchObject({ state: 'missing', says: expect.stringMatching(/^NONE/) });
  expect(unsafe.of('gate key')).toMatchObject({ state: 'missing', says: expect.stringContaining('no SSH key') });
  expect([bare.status, unsafe.status]).toEqual([7, 7]);
});

test('says what in the environment cannot be used', () => {
  const { status, stdout } = doctor({ MILLWRIGHT_TEST_RUNS: 'many' });
  expect(status).toBe(7);
  expect(stdout).toMatch(/✗ environment .*MILLWRIGHT_TEST_RUNS|✗ environment/);
});
