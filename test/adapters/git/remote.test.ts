import path from 'node:path';
import { freePorts } from '../../../scripts/stack/ports';
import { serve } from './daemon';
import { AT, bare, git, ground, hook, key, place, proposal, tip, worker } from './ground';

let port: number;

beforeAll(async () => {
  [port] = (await freePorts(1)) as [number];
  await serve(ground, port);
});

const urlOf = (folder: string): string => `git://127.0.0.1:${port}/${path.basename(folder)}`;

test('a repository behind a URL takes candidates, ledger and merges as one by its path does', async () => {
  const folder = bare();
  const repository = urlOf(folder);
  const on = worker();
  expect(await on.trees.open(repository)).toEqual({ base: 'main', head: tip(folder) });
  const merge = { ...(await proposal(on, folder, [{ path: 'b.txt', content: 'b\n' }])), repository };
  await on.trees.propose(folder, place, merge.candidate);
  await on.ledger.saveTurn(repository, key(), 0, 'turn');
  await on.ledger.append({ repository, key: key(), files: [], message: 'Done', at: AT });
  expect(await worker().ledger.entries(repository, place)).toHaveLength(1);
  expect(git(folder, 'for-each-ref', 'refs/millwright-turns')).toBe('');
  const merged = await on.baseBranch.merge(merge);
  expect(merged).toMatchObject({ outcome: 'merged', commit: tip(folder) });
  expect(await worker().baseBranch.merge(merge)).toEqual(merged);
});

test('a hook behind a URL is obeyed and quoted', async () => {
  const folder = bare();
  const on = worker();
  const merge = await proposal(on, folder, [{ path: 'b.txt', content: 'b\n' }]);
  await on.trees.propose(folder, place, merge.candidate);
  hook(folder, 'update', 'echo "main is frozen" >&2; exit 1');
  expect(await on.baseBranch.merge({ ...merge, repository: urlOf(folder) })).toMatchObject({
    outcome: 'refused',
    reason: expect.stringContaining('main is frozen'),
  });
});

test('an empty repository behind a URL is begun', async () => {
  const folder = path.join(ground, 'empty.git');
  git(ground, 'init', '--quiet', '--bare', '--initial-branch=main', folder);
  expect(await worker().trees.open(urlOf(folder))).toEqual({ base: 'main', head: tip(folder) });
});

test('a repository that is not there is said to be unusable', async () => {
  await expect(worker().trees.open(urlOf('/nowhere'))).rejects.toMatchObject({ type: 'InvalidInput' });
});
