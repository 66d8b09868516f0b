// What `npm run protect` refuses, leaves alone and takes away; and which keys the gate's worker refuses to start with.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertSigns } from '../../src/adapters/git/signing';
import { bare, checkout, fresh, git, ground, hook } from '../adapters/git/ground';
import { millwright, newKey, push } from './keys';

const gateKey = newKey('gate');

describe('npm run protect', () => {
  const pub = ['--key', `${gateKey}.pub`];

  test.each<[string, () => string[], RegExp]>([
    ['a checkout', () => [checkout(), ...pub], /is a checkout\. Its branches move without any push/],
    ['no repository', () => [fresh('nothing'), ...pub], /There is no repository at/],
    ['a branch that is not there', () => [bare(), '--branch', 'trunk', ...pub], /has no branch trunk/],
    ['a private key', () => [bare(), '--key', gateKey], /no public SSH key/],
    ['no key', () => [bare()], /Which key is the gate's\?[^]*ssh-keygen -t ed25519/],
  ])('refuses %s', (_, args, words) => {
    const { code, said } = millwright('protect', ...args());
    expect(said).toMatch(words);
    expect(code).toBe(2);
  });

  test('leaves a hook of somebody else as it is', () => {
    const repository = bare();
    hook(repository, 'update', 'exit 0');
    expect(millwright('protect', repository, ...pub)).toEqual({
      code: 2,
      said: expect.stringContaining("is not Millwright's. Nothing was changed."),
    });
    expect(existsSync(path.join(repository, 'millwright-gate'))).toBe(false);
  });

  test('refuses where hooks are taken from elsewhere', () => {
    const repository = bare();
    git(repository, 'config', 'core.hooksPath', '/srv/hooks');
    expect(millwright('protect', repository, ...pub).said).toContain('takes its hooks from /srv/hooks');
  });

  test('protects the branches that it is told, may be run again, and takes it all away', () => {
    const repository = bare();
    git(repository, 'branch', 'release', 'main');
    expect(millwright('protect', repository, ...pub, '--branch', 'release').code).toBe(0);
    expect(millwright('protect', repository, ...pub, '--branch', 'release', '--branch', 'main').said).toContain(
      'release, main now move',
    );
    const clone = fresh('clone');
    git(ground, 'clone', '--quiet', repository, clone);
    git(clone, 'commit', '--quiet', '--allow-empty', '--message=x');
    expect(push(clone, repository, 'HEAD:release')).toMatch(/^1 /);
    expect(millwright('protect', repository, '--remove').said).toContain('is not protected any more');
    expect(push(clone, repository, 'HEAD:release')).toMatch(/^0 /);
    expect(millwright('protect', repository, '--remove').said).toContain('is not protected by Millwright');
  });

  test('a hook whose settings are gone refuses everything', () => {
    const repository = bare();
    millwright('protect', repository, ...pub);
    git(repository, 'config', 'receive.denyCurrentBranch', 'ignore');
    execFileSync('rm', ['-r', path.join(repository, 'millwright-gate')]);
    const clone = fresh('clone');
    git(ground, 'clone', '--quiet', repository, clone);
    expect(push(clone, repository, 'HEAD:refs/heads/other')).toMatch(/^1 [^]*run npm run protect again/);
  });
});

describe('the gate’s key', () => {
  test('that signs is taken', () => assertSigns(gateKey));

  test.each<[string, () => string, RegExp]>([
    ['is not there', () => path.join(ground, 'nowhere'), /No such file|Couldn't load/i],
    ['has a passphrase', () => newKey('locked', 'secret words'), /passphrase/i],
    [
      'others can read',
      () => {
        const file = newKey('open');
        chmodSync(file, 0o644);
        return file;
      },
      /UNPROTECTED|too open/i,
    ],
    [
      'is no key',
      () => {
        const file = path.join(ground, 'text');
        mkdirSync(ground, { recursive: true });
        writeFileSync(file, 'words', { mode: 0o600 });
        return file;
      },
      /invalid format|Couldn't load|error in libcrypto/i,
    ],
  ])('that %s is refused when the worker starts, with what it needs', async (_, file, words) => {
    const refused = assertSigns(file());
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow(/SSH key without a passphrase/);
  });
});
