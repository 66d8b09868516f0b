// Commits that git takes, and that nobody would write: what is in them is read as git reads it, and stops nothing.
import { execFileSync } from 'node:child_process';
import { bare, git, key, place, proposal, worker } from './ground';

const LEDGER = 'refs/millwright/shop/m1';
const BY = 'Somebody <somebody@example.com> 1136239445 +0000';

function odd(repository: string, { parents = [], author = BY, message = 'Odd\n' }: Partial<Odd>): string {
  const above = parents.map((parent) => `parent ${parent}\n`).join('');
  const input = `tree ${git(repository, 'rev-parse', 'main^{tree}')}\n${above}author ${author}\ncommitter ${BY}\n\n${message}`;
  const how = ['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'];
  return execFileSync('git', how, { cwd: repository, input }).toString().trim();
}
type Odd = { parents: string[]; author: string; message: string };

test('a merge with a date that is none is no reason for the gate to stop', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, [{ path: 'login.ts', content: 'export {};\n' }]);
  const author = 'Somebody <old@example.com> 1136239445 +051800';
  const old = odd(repository, { parents: [merge.base, merge.base], author });
  git(repository, 'update-ref', 'refs/heads/main', old);
  expect(await on.baseBranch.merge(merge)).toEqual({ outcome: 'moved', head: old });
});

test.each([
  ['a name with a line of its own is no parent', { author: `A\u2028parent ${'a'.repeat(40)}\u2028 <a@b> 1 +0000` }],
  ['a year that no calendar has', { author: 'Somebody <a@b.c> 99999999999999 +0000' }],
])('in a ledger, %s', async (_, about) => {
  const repository = bare();
  git(repository, 'update-ref', LEDGER, odd(repository, { ...about, parents: [odd(repository, {})] }));
  const { ledger } = worker();
  expect(await ledger.find(repository, key())).toBeUndefined();
  const entries = await ledger.entries(repository, place);
  expect(entries.map((entry) => ({ key: entry.key, message: entry.message }))).toEqual([
    { key: undefined, message: 'Odd' },
  ]);
});

test('something else than a commit where turns are kept is no call, and hides none', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'said');
  const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository, input: 'x' }).toString().trim();
  git(repository, 'update-ref', 'refs/millwright-turns/shop/m1/odd', blob);
  expect(await ledger.unfinished(repository)).toEqual([key()]);
});
