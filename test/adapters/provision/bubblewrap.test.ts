// How bubblewrap is found and installed; the package manager is a stand-in that says what it was asked.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBubblewrap, provideBubblewrap } from '../../../src/adapters/provision/bubblewrap';

const searched = process.env.PATH;
let root: string;
let bin: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'bubblewrap-test-'));
  bin = path.join(root, 'bin');
  mkdirSync(bin);
  for (const tool of ['sh', 'cp', 'chmod', 'tar', 'dpkg-deb', 'ldd'])
    if (existsSync(`/usr/bin/${tool}`)) symlinkSync(`/usr/bin/${tool}`, path.join(bin, tool));
  process.env.PATH = bin;
});
afterEach(() => {
  process.env.PATH = searched;
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

function script(file: string, body: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  // A link of ours stands for a program of the machine: it is replaced, never written through.
  rmSync(file, { force: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { flag: 'wx' });
  chmodSync(file, 0o755);
}
const bubblewrap = (file: string, version = '0.8.0') => script(file, `echo bubblewrap ${version}`);
const asUser = (uid: number) => jest.spyOn(process as { getuid(): number }, 'getuid').mockReturnValue(uid);
const asked = () => readFileSync(path.join(root, 'asked'), 'utf8').trim().split('\n');

test('takes the one on the PATH before the one in the cache', async () => {
  const cache = path.join(root, 'cache');
  bubblewrap(path.join(cache, 'bubblewrap/usr/bin/bwrap'), '0.9.0');
  expect(await findBubblewrap(cache)).toMatchObject({ version: '0.9.0' });
  bubblewrap(path.join(bin, 'bwrap'));
  expect(await findBubblewrap(cache)).toMatchObject({ path: path.join(bin, 'bwrap'), version: '0.8.0' });
});

test('passes over one that is too old', async () => {
  bubblewrap(path.join(bin, 'bwrap'), '0.6.1');
  expect(await findBubblewrap(root)).toBeUndefined();
});

test('installs the package as root, after an update where the first try fails', async () => {
  asUser(0);
  bubblewrap(path.join(root, 'fresh'));
  script(
    path.join(bin, 'apt-get'),
    `
echo "$1" >> ${root}/asked
[ "$1" = update ] && : > ${root}/updated
[ -e ${root}/updated ] || exit 100
[ "$1" = install ] && cp ${root}/fresh ${bin}/bwrap; exit 0`,
  );
  const said: string[] = [];
  expect(await provideBubblewrap(root, (text) => said.push(text))).toMatchObject({ version: '0.8.0' });
  expect(asked()).toEqual(['install', 'update', 'install']);
  expect(said[0]).toMatch(/apt-get/);
});

const onDebian = existsSync('/usr/bin/dpkg-deb') ? test : test.skip;
onDebian('unpacks the package into the cache for an ordinary user', async () => {
  asUser(1000);
  mkdirSync(path.join(root, 'package/DEBIAN'), { recursive: true });
  writeFileSync(
    path.join(root, 'package/DEBIAN/control'),
    'Package: bubblewrap\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: a\n',
  );
  bubblewrap(path.join(root, 'package/usr/bin/bwrap'));
  execFileSync('/usr/bin/dpkg-deb', ['-b', path.join(root, 'package'), path.join(root, 'deb')], {
    env: { PATH: searched },
    stdio: 'ignore',
  });
  script(path.join(bin, 'apt-get'), `echo "$*" >> ${root}/asked; cp ${root}/deb bubblewrap_1_all.deb`);
  script(path.join(bin, 'ldd'), 'echo "libc.so.6 => /lib/libc.so.6"');
  const cache = path.join(root, 'cache');
  expect(await provideBubblewrap(cache)).toEqual({
    path: path.join(cache, 'bubblewrap/usr/bin/bwrap'),
    version: '0.8.0',
  });
  expect(asked()).toEqual(['download bubblewrap']);
});

test('refuses with the cure where it cannot be had', async () => {
  await expect(provideBubblewrap(path.join(root, 'cache'))).rejects.toMatchObject({
    type: 'SandboxMissing',
    message: expect.stringMatching(/could not be installed.*apt-get install bubblewrap.*dnf install/),
  });
});
