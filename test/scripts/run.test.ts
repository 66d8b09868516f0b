// `npm run <verb>` on a fresh clone: what is missing is installed, what is there is left alone, and errors are whole.
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LOCK = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'clone' },
      'node_modules/left': { version, integrity: `sha512-${version}` },
      'node_modules/left-windows': { version, integrity: 'sha512-w', optional: true },
    },
  });
const INSTALLED = (version: string) =>
  JSON.stringify({ packages: { 'node_modules/left': { version, integrity: `sha512-${version}` } } });

let clone: string;

/** A clone with one verb, and an `npm` that notes how it was called. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'millwright-run-'));
  for (const folder of ['scripts', 'node_modules', 'bin']) mkdirSync(join(clone, folder));
  copyFileSync(join(ROOT, 'scripts/run.cjs'), join(clone, 'scripts/run.cjs'));
  write(
    'scripts/hello.ts',
    'const words: string[] = process.argv.slice(2); console.log(`hello ${words.join(" and ")}`);',
  );
  symlinkSync(join(ROOT, 'node_modules/tsx'), join(clone, 'node_modules/tsx'));
  write('package-lock.json', LOCK('2.0.0'));
  npm('echo added 1 package');
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

const write = (path: string, text: string, mode?: number) => writeFileSync(join(clone, path), text, { mode });
const npm = (script: string) => write('bin/npm', `#!/bin/sh\necho "$*" >> ${clone}/npm.calls\n${script}\n`, 0o755);
const npmCalls = () => (existsSync(join(clone, 'npm.calls')) ? readFileSync(join(clone, 'npm.calls'), 'utf8') : '');

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, PATH: [join(clone, 'bin'), process.env.PATH].join(delimiter) };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(clone, 'scripts/run.cjs'), ...args], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode!, stdout, stderr }),
    );
  });
}

test('runs the verb with its arguments, and installs nothing that is there already', async () => {
  write('node_modules/.package-lock.json', INSTALLED('2.0.0'));
  expect(await run('hello', 'you', '--me')).toEqual({ code: 0, stdout: 'hello you and --me\n', stderr: '' });
  expect(npmCalls()).toBe('');
});

test('reaches servers on this machine without the proxy, and adds to what the user reaches so', async () => {
  write('node_modules/.package-lock.json', INSTALLED('2.0.0'));
  write('scripts/hello.ts', 'console.log(process.env.no_proxy)');
  const { stdout } = await run('hello');
  expect(stdout).toMatch(/(^|,)localhost,127\.0\.0\.1,::1\n$/);
});

test.each([
  ['nothing is installed', undefined],
  ['an older version is installed', INSTALLED('1.0.0')],
  ['an installation broke off', '{"packages": {'],
])('installs first, in one line, when %s', async (_when, installed) => {
  if (installed !== undefined) write('node_modules/.package-lock.json', installed);
  const { code, stdout, stderr } = await run('hello', 'you');
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: 'hello you\n',
    stderr: 'Installing dependencies (npm ci) …\n',
  });
  expect(npmCalls()).toBe('ci --include=dev --no-audit --no-fund\n');
});

test('repeats all that npm said when it fails, and does not run the verb', async () => {
  npm('echo resolving; echo "ERR! no network" >&2; exit 7');
  const { code, stdout, stderr } = await run('hello');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/resolving\n+ERR! no network\n+Installing dependencies failed \(npm ci, exit 7\)\./);
});

test.each([
  [[], 'Which verb? Known: hello.'],
  [['goodbye'], 'There is no verb "goodbye". Known: hello.'],
  [['../scripts/hello'], 'There is no verb "../scripts/hello". Known: hello.'],
])('refuses %j with the verbs that there are', async (args, complaint) => {
  expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: `${complaint}\n` });
});
