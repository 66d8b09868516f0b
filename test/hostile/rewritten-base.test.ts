// What somebody takes out of the base branch by force while a candidate waits does not come back with the candidate.
import { change, code, suite, test as testing } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { bare, fresh, git, ground, sound, tip, write } from '../adapters/git/ground';

const mill = useMill({ definitions: small });
const LEAKED = 'password = hunter2\n';

/** Somebody's own commit, which moves the branch there. */
function committed(repository: string, files: Record<string, string>): string {
  const folder = fresh('somebody');
  git(ground, 'clone', '--quiet', repository, folder);
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=Something of mine');
  git(folder, 'push', '--quiet', 'origin', 'main');
  return tip(repository);
}

/** A candidate that waits, made on a commit that should not have been. */
async function waiting() {
  const repository = bare({ 'README.md': '# Sums\n' });
  const before = tip(repository);
  const leak = committed(repository, { 'config.txt': LEAKED });
  const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
  const run = await mill.milestone(script, { pipeline: 'quick', repository });
  const { subject } = await run.untilItWaitsFor('approval');
  return { repository, before, leak, run, subject: subject! };
}

test('a base that was set back: the merge is refused in words, and what was taken out stays out', async () => {
  const { repository, before, leak, run } = await waiting();
  git(repository, 'update-ref', 'refs/heads/main', before);
  await run.approve();
  const { detail } = await run.untilItWaitsFor('guidance');
  expect(detail).toContain(`main was rewritten: it no longer holds ${leak.slice(0, 10)}`);
  expect(detail).toContain('start it again on main as it is');
  expect(tip(repository)).toBe(before);
  await run.say('abandon', { by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'abandoned' });
  expect(git(repository, 'ls-tree', '--name-only', '-r', 'main')).toBe('README.md');
  expect(sound(repository)).toBe('');
});

test('a base that was rewritten with something on top is refused as well; put back, it is merged', async () => {
  const { repository, before, leak, run } = await waiting();
  git(repository, 'update-ref', 'refs/heads/main', before);
  const other = committed(repository, { 'NOTES.md': 'mine\n' });
  await run.approve();
  await run.untilItWaitsFor('guidance');
  expect(tip(repository)).toBe(other);
  git(repository, 'update-ref', 'refs/heads/main', leak);
  await run.say('guide', { by: 'ada', note: 'The branch is back where it was.' });
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
});

test('a base that is gone: refused in words, and nothing is made in its place', async () => {
  const { repository, run } = await waiting();
  git(repository, 'update-ref', '-d', 'refs/heads/main');
  await run.approve();
  const { detail } = await run.untilItWaitsFor('guidance');
  expect(detail).toContain('the branch "main" is gone');
  expect(git(repository, 'for-each-ref', 'refs/heads/main')).toBe('');
});
