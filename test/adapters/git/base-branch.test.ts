import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  bare,
  checkout,
  commit,
  fresh,
  git,
  ground,
  hook,
  key,
  overtakenAt,
  proposal,
  sound,
  tip,
  worker,
} from './ground';
import { persistently } from './persistently';

const change = [{ path: 'login.ts', content: 'export {};\n' }];

test('a merge is one commit of exactly the proved tree on base and candidate, with its trailers', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const commit = tip(repository);
  const outcome = await on.baseBranch.merge(merge);
  expect(outcome).toEqual({ outcome: 'merged', commit: tip(repository), base: merge.base });
  expect(git(repository, 'log', '-1', '--format=%T %P%n%B', 'main')).toBe(
    `${merge.tree} ${commit} ${merge.candidate}\nMerge the login\n\nReviewed-By: reviewer\nMillwright-Key: run-1/shop/m1/merge/1`,
  );
  expect(sound(repository)).toBe('');
});

test('merging twice is merging once, also later and from another worker', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const first = await on.baseBranch.merge(merge);
  expect(await on.baseBranch.merge(merge)).toEqual(first);
  const next = await proposal(
    on,
    repository,
    [{ path: 'b.txt', content: 'b\n' }],
    key({ stage: 'merge', iteration: 2 }),
  );
  expect(await on.baseBranch.merge(next)).toMatchObject({ outcome: 'merged' });
  const head = tip(repository);
  expect(await worker().baseBranch.merge(merge)).toEqual(first);
  expect(tip(repository)).toBe(head);
});

test('merging at once is merging once', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  await on.trees.propose(repository, merge.key, merge.candidate);
  const outcomes = await Promise.all(
    [on, on, worker(), worker()].map(({ baseBranch }) => persistently(() => baseBranch.merge(merge))),
  );
  expect(outcomes).toEqual(Array(4).fill({ outcome: 'merged', commit: tip(repository), base: merge.base }));
  expect(git(repository, 'rev-list', '--count', '--first-parent', 'main')).toBe('2');
});

test('of different merges at once one wins, and the others are told where the branch is', async () => {
  const repository = bare();
  const workers = [worker(), worker(), worker()];
  const merges = await Promise.all(
    workers.map((on, number) =>
      proposal(on, repository, [{ path: `${number}.txt`, content: '' }], key({ stage: 'merge', part: `p${number}` })),
    ),
  );
  const outcomes = await Promise.all(
    merges.map((merge, number) => persistently(() => workers[number]!.baseBranch.merge(merge))),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'merged')).toEqual([
    { outcome: 'merged', commit: tip(repository), base: merges[0]!.base },
  ]);
  expect(outcomes.filter(({ outcome }) => outcome === 'moved')).toEqual(
    Array(2).fill({ outcome: 'moved', head: tip(repository) }),
  );
});

test('a branch that has moved is left alone', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const other = fresh('other');
  git(ground, 'clone', '--quiet', repository, other);
  git(other, 'commit', '--quiet', '--allow-empty', '--message=Somebody was here');
  git(other, 'push', '--quiet');
  expect(await on.baseBranch.merge(merge)).toEqual({ outcome: 'moved', head: tip(other) });
  expect(tip(repository)).toBe(tip(other));
});

test('a branch that moves while the push is under way is left alone', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const racer = await commit(on, repository, merge.base, [{ path: 'racer.txt', content: '' }]);
  await on.trees.propose(repository, { project: 'other', milestone: 'racer' }, racer);
  // The hook runs when the push has seen the branch at its place and before it is locked. The quarantine would keep the
  // racer's objects out of sight, so they are there already.
  const quarantine = 'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES';
  hook(repository, 'update', `${quarantine}\n[ "$1" != refs/heads/main ] || git update-ref refs/heads/main ${racer}`);
  expect(await on.baseBranch.merge(merge)).toEqual({ outcome: 'moved', head: racer });
  expect(tip(repository)).toBe(racer);
});

test('a branch that moves between the look and the push is left alone', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const racer = await commit(on, repository, merge.base, [{ path: 'racer.txt', content: '' }]);
  await on.trees.propose(repository, { project: 'other', milestone: 'racer' }, racer);
  const race = `-C ${repository} update-ref refs/heads/main ${racer}`;
  const outcome = await overtakenAt('push', race, () => on.baseBranch.merge(merge));
  expect(outcome).toEqual({ outcome: 'moved', head: racer });
  expect(tip(repository)).toBe(racer);
});

test('a merge whose answer was lost is found again behind what somebody has pulled together with it', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const theirs = fresh('theirs');
  git(ground, 'clone', '--quiet', repository, theirs);
  git(theirs, 'commit', '--quiet', '--allow-empty', '--message=Meanwhile');
  const first = await on.baseBranch.merge(merge);
  git(theirs, 'pull', '--quiet', '--no-rebase', '--no-edit');
  git(theirs, 'push', '--quiet');
  expect(git(repository, 'rev-list', '--first-parent', 'main')).not.toContain(
    first.outcome === 'merged' && first.commit,
  );
  expect(await worker().baseBranch.merge(merge)).toEqual(first);
  expect(git(repository, 'log', '--format=%s', 'main').match(/Merge the login/g)).toHaveLength(1);
});

test.each([
  ['as it is', []],
  ['with more in it', ['evil.txt']],
])('a candidate that somebody else has merged, %s, is a refusal: nobody has judged that', async (_, more) => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  await on.trees.propose(repository, merge.key, merge.candidate);
  const other = fresh('other');
  git(ground, 'clone', '--quiet', repository, other);
  git(other, 'fetch', '--quiet', 'origin', merge.candidate);
  git(other, 'merge', '--quiet', '--no-ff', '--no-commit', merge.candidate);
  for (const name of more) writeFileSync(path.join(other, name), 'unseen\n');
  git(other, 'add', '--all');
  git(other, 'commit', '--quiet', '--message=Past the gate');
  git(other, 'push', '--quiet');
  expect(await on.baseBranch.merge(merge)).toEqual({
    outcome: 'refused',
    reason: expect.stringMatching(
      new RegExp(`main holds this candidate since ${tip(other).slice(0, 10)}, which the gate has not made`),
    ),
  });
  expect(tip(repository)).toBe(tip(other));
});

test('another candidate under the key of one that is merged is a refusal', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const other = await proposal(on, repository, [{ path: 'b.txt', content: 'b\n' }], merge.key);
  const first = await on.baseBranch.merge(merge);
  expect(first).toMatchObject({ outcome: 'merged' });
  expect(await on.baseBranch.merge({ ...other, base: merge.base })).toEqual({
    outcome: 'refused',
    reason: expect.stringContaining(`is merged already, as ${tip(repository).slice(0, 10)}, with another candidate`),
  });
});

test('a branch that is gone is a refusal in words', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  git(repository, 'branch', '--move', 'main', 'trunk');
  expect(await on.baseBranch.merge(merge)).toEqual({ outcome: 'refused', reason: 'the branch "main" is gone' });
});

test.each(['update', 'pre-receive'])("the target's own %s hook is obeyed and quoted", async (name) => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  hook(repository, name, 'echo "main is frozen until Monday" >&2; exit 1');
  const outcome = await on.baseBranch.merge(merge);
  expect(outcome).toEqual({ outcome: 'refused', reason: expect.stringContaining('main is frozen until Monday') });
  expect(JSON.stringify(outcome)).toContain('hook declined');
  expect(tip(repository)).toBe(merge.base);
});

test("a hook that the target's configuration names is obeyed too", async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  const hooks = fresh('policy');
  hook(hooks, 'update', 'echo "not by this path" >&2; exit 1');
  git(repository, 'config', 'core.hooksPath', path.join(hooks, 'hooks'));
  expect(await on.baseBranch.merge(merge)).toMatchObject({ reason: expect.stringContaining('not by this path') });
  expect(tip(repository)).toBe(merge.base);
});

test('a reference-transaction hook that refuses is a refusal, not a race', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  hook(repository, 'reference-transaction', '[ "$1" != prepared ] || { echo "no receipt" >&2; exit 1; }');
  expect(await on.baseBranch.merge(merge)).toMatchObject({
    outcome: 'refused',
    reason: expect.stringContaining('no receipt'),
  });
});

test('a clean checkout of the branch follows the merge, and its configuration is as it was', async () => {
  const repository = checkout();
  const on = worker();
  const configuration = readFileSync(path.join(repository, '.git/config'), 'utf8');
  const merge = await proposal(on, repository, change);
  writeFileSync(path.join(repository, 'untracked.txt'), 'mine\n');
  expect(await on.baseBranch.merge(merge)).toMatchObject({ outcome: 'merged' });
  expect(readFileSync(path.join(repository, 'login.ts'), 'utf8')).toBe('export {};\n');
  expect(git(repository, 'status', '--short')).toBe('?? untracked.txt');
  expect(readFileSync(path.join(repository, '.git/config'), 'utf8')).toBe(configuration);
  expect(sound(repository)).toBe('');
});

test("a checkout's hooks are obeyed", async () => {
  const repository = checkout();
  const on = worker();
  const merge = await proposal(on, repository, change);
  hook(path.join(repository, '.git'), 'update', 'echo "ask me first" >&2; exit 1');
  expect(await on.baseBranch.merge(merge)).toMatchObject({ reason: expect.stringContaining('ask me first') });
  expect(existsSync(path.join(repository, 'login.ts'))).toBe(false);
});

test.each([
  ['a changed file', 'a.txt'],
  ['an untracked file in the way', 'login.ts'],
])('a checkout with %s is left as it is, with words on what to do', async (_, name) => {
  const repository = checkout();
  const on = worker();
  const merge = await proposal(on, repository, change);
  writeFileSync(path.join(repository, name), 'mine\n');
  expect(await on.baseBranch.merge(merge)).toEqual({
    outcome: 'refused',
    reason: expect.stringMatching(/commit, stash or remove them, then merge again/),
  });
  expect(readFileSync(path.join(repository, name), 'utf8')).toBe('mine\n');
  expect(tip(repository)).toBe(merge.base);
  git(repository, 'stash', '--quiet', '--include-untracked');
  expect(await on.baseBranch.merge(merge)).toMatchObject({ outcome: 'merged' });
});

test.each([
  ['one worker', 1],
  ['two workers', 2],
])(
  'of merges at once into a checkout, by %s, one wins, and the checkout is exactly what it merged',
  async (_, many) => {
    for (let round = 0; round < 4; round++) {
      const repository = checkout();
      writeFileSync(path.join(repository, 'untracked.txt'), 'mine\n');
      const workers = Array.from({ length: many }, worker);
      const merges = await Promise.all(
        ['m1', 'm2'].map((milestone, at) =>
          proposal(
            workers[at % many]!,
            repository,
            [{ path: `${milestone}.txt`, content: '' }],
            key({ milestone, stage: 'merge' }),
          ),
        ),
      );
      const outcomes = await Promise.all(
        merges.map((merge, at) => persistently(() => workers[at % many]!.baseBranch.merge(merge))),
      );
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['merged', 'moved']);
      expect(git(repository, 'status', '--short')).toBe('?? untracked.txt');
      const at = outcomes.findIndex(({ outcome }) => outcome === 'moved');
      const [late, on, base] = [merges[at]!, workers[at % many]!, tip(repository)];
      const { tree } = await on.trees.mergeTree(repository, base, late.candidate);
      expect(await on.baseBranch.merge({ ...late, base, tree })).toMatchObject({ outcome: 'merged' });
      expect(git(repository, 'status', '--short')).toBe('?? untracked.txt');
      expect(git(repository, 'ls-tree', '--name-only', 'HEAD').split('\n')).toEqual(['a.txt', 'm1.txt', 'm2.txt']);
    }
  },
);

test('a checkout in which a merge was interrupted gets it as a whole when it is tried again', async () => {
  const repository = checkout();
  const on = worker();
  const merge = await proposal(on, repository, change);
  await on.trees.propose(repository, merge.key, merge.candidate);
  const lock = path.join(repository, '.git/refs/heads/main.lock');
  writeFileSync(lock, '');
  await expect(on.baseBranch.merge(merge)).rejects.toMatchObject({ nonRetryable: false });
  rmSync(lock);
  expect(await worker().baseBranch.merge(merge)).toMatchObject({ outcome: 'merged' });
  expect(git(repository, 'status', '--short')).toBe('');
  expect(existsSync(path.join(repository, 'login.ts'))).toBe(true);
});

test('a checkout of another branch does not notice', async () => {
  const repository = checkout();
  git(repository, 'checkout', '--quiet', '-b', 'mine');
  writeFileSync(path.join(repository, 'a.txt'), 'mine\n');
  const on = worker();
  expect(await on.baseBranch.merge(await proposal(on, repository, change))).toMatchObject({ outcome: 'merged' });
  expect(readFileSync(path.join(repository, 'a.txt'), 'utf8')).toBe('mine\n');
});

test('a tree that another worker merged is made again from the same two commits', async () => {
  const repository = bare({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
  const [one, two] = [worker(), worker()];
  const old = tip(repository);
  const candidate = await commit(one, repository, old, change);
  await one.trees.propose(repository, key(), candidate);
  const first = await proposal(one, repository, [{ path: 'b.txt', content: 'B\n' }]);
  await one.baseBranch.merge(first);
  const base = tip(repository);
  const { tree } = await one.trees.mergeTree(repository, base, candidate);
  const merge = { ...first, base, candidate, tree, key: key({ stage: 'merge', iteration: 2 }) };
  expect(await two.baseBranch.merge(merge)).toMatchObject({ outcome: 'merged' });
  expect(git(repository, 'rev-parse', 'main^{tree}')).toBe(tree);
});

test('a repository that takes nothing so large is a refusal', async () => {
  const repository = bare();
  const on = worker();
  const merge = await proposal(on, repository, change);
  git(repository, 'config', 'receive.maxInputSize', '10');
  expect(await on.baseBranch.merge(merge)).toEqual({
    outcome: 'refused',
    reason: expect.stringContaining('exceeds maximum allowed size'),
  });
  expect(tip(repository)).toBe(merge.base);
});
