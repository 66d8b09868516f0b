// A protected base branch moves only to a merge that the gate signed, for exactly that commit and parent; everything else is told no.
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { millwright, newKey, push } from './keys';
import { createGit } from '../../src/adapters/git/create-git';
import { AT, bare, commit, fresh, git, ground, key, proposal, sound, tip, worker } from '../adapters/git/ground';
import { filePlan } from '../five/artifacts';
import { change as answer, suite, test as testing, understanding } from '../scenarios/answers';
import { useMill } from '../scenarios/mill';

const change = [{ path: 'login.ts', content: 'export {};\n' }];

const gateKey = newKey('gate');
const otherKey = newKey('other');
const gate = (signedBy = gateKey) => createGit({ home: fresh('home'), gateKey: signedBy });

function protectedRepository(): string {
  const repository = bare({ 'a.txt': 'one\n' });
  expect(millwright('protect', repository, '--key', `${gateKey}.pub`).said).toContain(
    'main now moves only by merges that the gate signed',
  );
  return repository;
}

const receipt = ({ base, candidate, tree }: { base: string; candidate: string; tree: string }): [string, string][] => [
  ['Millwright-Base', base],
  ['Millwright-Candidate', candidate],
  ['Millwright-Tree', tree],
  ['Millwright-Tests', '3 of 3 passed'],
  ['Millwright-Approved-By', 'ada'],
];

async function proposed(on: ReturnType<typeof worker>, repository: string, changes = change, stage = 'merge') {
  const merge = await proposal(on, repository, changes, key({ stage }));
  return { ...merge, trailers: receipt(merge) };
}

describe('a protected branch', () => {
  let repository: string;
  let clone: string;
  beforeAll(() => {
    repository = protectedRepository();
    clone = fresh('clone');
    git(ground, 'clone', '--quiet', repository, clone);
  });
  const work = (name: string): string => {
    git(clone, 'checkout', '--quiet', '-B', name, 'origin/main');
    appendFileSync(path.join(clone, 'a.txt'), `${name}\n`);
    git(clone, 'commit', '--quiet', '--all', `--message=${name}`);
    return git(clone, 'rev-parse', 'HEAD');
  };

  /** A merge of this work, as somebody else would make it. */
  function merged({
    by,
    lines,
    parents,
    tree: other,
  }: { by?: string; lines?: Record<string, string>; parents?: string[]; tree?: string } = {}) {
    const [base, candidate] = [tip(repository), work('feature')];
    const tree = other ?? git(clone, 'rev-parse', `${candidate}^{tree}`);
    const said = Object.entries({ ...Object.fromEntries(receipt({ base, candidate, tree })), ...lines });
    const message = `Merge it\n\n${said.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
    const sign = by === undefined ? [] : ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${by}`];
    const from = (parents ?? [base, candidate]).flatMap((parent) => ['-p', parent]);
    const args = [...sign, 'commit-tree', ...(by === undefined ? [] : ['-S']), ...from, '-m', message, tree];
    return git(clone, ...args);
  }

  const attacks: Record<string, [push: () => string, words: RegExp]> = {
    'a plain commit': [() => push(clone, repository, `${work('plain')}:main`), /no merge of one candidate/],
    'a forced plain commit': [() => push(clone, repository, `+${work('plain')}:main`), /no merge of one candidate/],
    'a deletion': [() => push(clone, repository, ':main'), /would delete the branch|deletion of the current branch/i],
    'a merge without a signature': [() => push(clone, repository, `${merged()}:main`), /not signed by the gate/],
    'a merge signed with another key': [
      () => push(clone, repository, `${merged({ by: otherKey })}:main`),
      /not signed by the gate/,
    ],
    'a signed merge for another candidate': [
      () =>
        push(clone, repository, `${merged({ by: gateKey, lines: { 'Millwright-Candidate': 'f'.repeat(40) } })}:main`),
      /for another candidate/,
    ],
    'a signed merge for another base': [
      () => push(clone, repository, `${merged({ by: gateKey, lines: { 'Millwright-Base': 'f'.repeat(40) } })}:main`),
      /for another base/,
    ],
    'a signed merge for another tree': [
      () => push(clone, repository, `${merged({ by: gateKey, lines: { 'Millwright-Tree': 'f'.repeat(40) } })}:main`),
      /for another tree/,
    ],
    'a signed merge that says its candidate twice': [
      () =>
        push(
          clone,
          repository,
          `${merged({ by: gateKey, lines: { 'Millwright-Tests': '1\nMillwright-Candidate: x' } })}:main`,
        ),
      /does not say Millwright-Candidate exactly once/,
    ],
    'a signed merge without an approval': [
      () => push(clone, repository, `${merged({ by: gateKey, lines: { 'Millwright-Approved-By': '' } })}:main`),
      /does not say Millwright-Approved-By exactly once/,
    ],
    'a signed merge of two candidates': [
      () =>
        push(clone, repository, `${merged({ by: gateKey, parents: [tip(repository), work('x'), work('y')] })}:main`),
      /no merge of one candidate/,
    ],
    'a signed merge whose tree was changed afterwards': [
      () => {
        const good = git(clone, 'cat-file', 'commit', merged({ by: gateKey }));
        const forged = good.replace(/^tree .*/, `tree ${git(clone, 'rev-parse', 'origin/main^{tree}')}`);
        const sha = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
          cwd: clone,
          input: `${forged}\n`,
        });
        return push(clone, repository, `${sha.toString().trim()}:main`);
      },
      /not signed by the gate/,
    ],
    'a commit on top of a good merge, in one push': [
      () => {
        git(clone, 'checkout', '--quiet', '--detach', merged({ by: gateKey }));
        git(clone, 'commit', '--quiet', '--allow-empty', '--message=on top');
        return push(clone, repository, 'HEAD:refs/heads/main');
      },
      /no merge of one candidate/,
    ],
    'a commit that a replacement shows as a good merge': [
      () => {
        const [evil, good] = [work('evil'), merged({ by: gateKey })];
        expect(push(clone, repository, `${good}:refs/replace/${evil}`)).toMatch(/^0 /);
        return push(clone, repository, `+${evil}:main`);
      },
      /no merge of one candidate/,
    ],
    'a push to a branch that is another name for it': [
      () => {
        git(repository, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
        return push(clone, repository, `+${work('plain')}:alias`);
      },
      /refs\/heads\/main is protected[^]*no merge of one candidate/,
    ],
    'a push of all refs': [
      () => {
        git(clone, 'branch', '--force', 'main', work('plain'));
        return push(clone, repository, '--all', '--force');
      },
      /no merge of one candidate/,
    ],
  };

  test.each(Object.keys(attacks))('does not move by %s, and says why', (name) => {
    const before = tip(repository);
    const [attack, words] = attacks[name]!;
    const said = attack();
    expect(said).toMatch(/^1 /);
    expect(said).toMatch(words);
    expect(tip(repository)).toBe(before);
  });

  test('moves by the gate’s merge, once, and not back by the one before', async () => {
    const on = gate();
    const first = await proposed(on, repository);
    const outcome = await on.baseBranch.merge(first);
    expect(outcome).toMatchObject({ outcome: 'merged', commit: tip(repository) });
    const second = await proposed(on, repository, [{ path: 'b.txt', content: 'b\n' }], 'again');
    expect(await on.baseBranch.merge(second)).toMatchObject({ outcome: 'merged' });
    const now = tip(repository);
    git(clone, 'fetch', '--quiet', repository, 'main');
    expect(push(clone, repository, `+${tip(repository, `${now}~1`)}:main`)).toMatch(
      /^1 [^]*merge into [0-9a-f]{10}, and the branch stands at/,
    );
    expect(tip(repository)).toBe(now);
    expect(sound(repository)).toBe('');
  });

  test('does not move by a good merge onto a tip that has moved since', async () => {
    const on = gate();
    const late = await proposed(on, repository, [{ path: 'late.txt', content: 'late\n' }], 'late');
    const candidate = late.candidate;
    await on.trees.propose(repository, { project: 'shop', milestone: 'late' }, candidate);
    git(clone, 'fetch', '--quiet', repository, '+refs/heads/*:refs/remotes/origin/*');
    const stale = merged({ by: gateKey });
    expect(await on.baseBranch.merge(late)).toMatchObject({ outcome: 'merged' });
    expect(push(clone, repository, `+${stale}:main`)).toMatch(/^1 [^]*and the branch stands at/);
  });

  test('a worker without the key merges nothing, and tells in the words of the repository', async () => {
    for (const on of [worker(), gate(otherKey)]) {
      const merge = await proposed(on, repository, [{ path: 'c.txt', content: 'c\n' }], `by-${Math.random()}`);
      const before = tip(repository);
      expect(await on.baseBranch.merge(merge)).toEqual({
        outcome: 'refused',
        reason: expect.stringContaining('it is not signed by the gate'),
      });
      expect(tip(repository)).toBe(before);
    }
  });

  test('other branches, candidates and ledgers move as before', async () => {
    expect(push(clone, repository, `${work('mine')}:refs/heads/mine`)).toMatch(/^0 /);
    const on = worker();
    const work2 = await commit(on, repository, tip(repository), [{ path: 'd.txt', content: 'd\n' }]);
    await on.trees.propose(repository, { project: 'shop', milestone: 'm1' }, work2);
    await on.ledger.append({
      repository,
      key: key({ stage: 'begin' }),
      files: [{ path: 'x', content: 'y' }],
      message: 'x',
      at: AT,
    });
    expect(tip(repository, 'refs/heads/millwright/shop/m1')).toBe(work2);
  });
});

const mill = useMill({ gateKey });

test('a run on a protected repository is merged, by the receipt that the gate itself writes', async () => {
  const repository = protectedRepository();
  const files = { 'src/add.js': 'exports.add = (a, b) => a + b;\n' };
  const script = {
    ...{ understand: [understanding()], plan: [filePlan({ adding: Object.keys(files) })] },
    ...{ cases: [suite(testing('add'))], code: [answer(files)] },
  };
  const run = await mill.milestone(script, { pipeline: 'staged', repository });
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged', commit: tip(repository) });
  expect(await mill.history(run.id)).not.toContain(readFileSync(gateKey, 'utf8').split('\n')[1]);
});

test('the same merge by two workers with the key is one commit', async () => {
  const repository = bare();
  const [on, other] = [gate(), gate()];
  const merge = await proposed(on, repository);
  const first = await on.baseBranch.merge(merge);
  expect(await other.baseBranch.merge(merge)).toEqual(first);
  expect(git(repository, 'cat-file', 'commit', tip(repository))).toContain('-----BEGIN SSH SIGNATURE-----');
});
