// What a run that continues another takes over from the ledger, and what it does not.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createOpeningActivities } from '../../src/activities/opening';
import { createRecordActivities } from '../../src/activities/record';
import { inSession } from '../../src/activities/session';
import { emptyBoard } from '../../src/domain/board';
import { noHandoff, type Handoff } from '../../src/domain/handoff';
import { ledgerRef, stageFolder, type EffectKey } from '../../src/domain/names';
import { Pipeline } from '../../src/domain/pipeline';
import { ProjectRequest } from '../../src/domain/request';
import { AT, bare, commit, git, key, place, tip, worker } from '../adapters/git/ground';

const LATER = '2026-01-02T04:00:00Z';
const running = <T, R>(activity: (task: T) => Promise<R>, task: T): Promise<R> =>
  new MockActivityEnvironment().run(activity, task);

describe('the approval of what was merged', () => {
  const session = 'first';
  async function merged() {
    const repository = bare();
    const on = worker();
    const base = tip(repository);
    const candidate = await commit(on, repository, base, [{ path: 'a.txt', content: 'two\n' }]);
    const tree = await on.trees.treeOf(repository, candidate);
    const merge = { repository, branch: 'main', base, candidate, tree, message: 'Merge', trailers: [], at: AT };
    const of = (stage: string, iteration = 1) => key({ stage, iteration, runId: `${session}~${stage}` });
    const outcome = await on.baseBranch.merge({ ...merge, key: of('merge') });
    const commitOf = (outcome as { commit: string }).commit;
    const leaves = (left: EffectKey, handoff: Partial<Handoff>) =>
      on.ledger.append({
        ...{ repository, key: left, message: left.stage, at: AT },
        files: [{ path: `${stageFolder(left)}/handoff.json`, content: JSON.stringify({ ...noHandoff, ...handoff }) }],
      });
    const before = (with_ = on) => {
      const { approvedBefore } = createRecordActivities(with_);
      const task = { key: key({ stage: 'approve' }), repository, at: LATER, session, branch: 'main' };
      return running(approvedBefore, { ...task, subject: candidate });
    };
    return { repository, base, candidate, commit: commitOf, of, leaves, before };
  }

  test('is found', async () => {
    const { of, leaves, before, commit, candidate } = await merged();
    await leaves(of('approve'), { facts: { subject: candidate, by: 'ada', at: AT } });
    expect(await before()).toBeNull();
    await leaves(of('merge'), { facts: { commit, candidate } });
    expect(await before()).toMatchObject({ facts: { by: 'ada' } });
  });

  test('is found where another candidate was decided in a later round', async () => {
    const { of, leaves, before, commit, candidate } = await merged();
    await leaves(of('approve'), { facts: { subject: candidate, by: 'ada', at: AT } });
    await leaves(of('merge'), { facts: { commit, candidate } });
    await leaves(of('approve', 2), { facts: { subject: 'd'.repeat(40), by: 'bob', at: AT } });
    await leaves(of('merge', 2), { facts: { commit: 'e'.repeat(40), candidate: 'd'.repeat(40) } });
    expect(await before()).toMatchObject({ facts: { by: 'ada' } });
  });

  test.each([
    ['this worker has seen', false],
    ['nobody has seen', true],
  ])('counts no more once the branch is set back: a merge that %s is asked for again', async (_, elsewhere) => {
    const { of, leaves, before, commit, candidate, repository, base } = await merged();
    await leaves(of('approve'), { facts: { subject: candidate, by: 'ada', at: AT } });
    await leaves(of('merge'), { facts: { commit, candidate } });
    git(repository, 'update-ref', 'refs/heads/main', base);
    expect(await before(elsewhere ? worker() : undefined)).toBeNull();
  });
});

describe('a session', () => {
  const pipeline = Pipeline.parse({ name: 'p', restart: 'continue', stages: { plan: { agent: 'planner' } } });
  const definition = { top: 'p', pipelines: { p: pipeline }, agents: {}, models: {}, sameFamilyReview: false };
  const definitions = { resolve: async () => ({ definition, prompts: {} }) };
  const at = { project: 'shop', milestone: 'project' };
  const file = 'definition/session.json';

  const opens = (repository: string, runId: string, on = worker()) =>
    running(createOpeningActivities({ ...on, definitions }).openProject, {
      ...{ place: at, runId, at: AT },
      request: ProjectRequest.parse({ request: 'Sums', repository, pipeline: 'p' }),
    });
  const writes = (repository: string, content: string) =>
    worker().ledger.append({
      ...{ repository, key: key({ ...at, runId: 'stranger', stage: 'x' }), message: 'x', at: AT },
      files: [{ path: file, content }],
    });
  const left = (repository: string) => JSON.parse(git(repository, 'show', `${ledgerRef(at)}:${file}`)) as object;

  test('goes on from the base where it began, also when the branch has moved on', async () => {
    const repository = bare();
    const first = await opens(repository, 'first');
    const on = worker();
    const next = await commit(on, repository, first.head, [{ path: 'b.txt', content: 'b\n' }]);
    await on.trees.propose(repository, place, next);
    git(repository, 'update-ref', 'refs/heads/main', next);
    expect(await opens(repository, 'second')).toEqual(first);
  });

  test('begins anew where the branch was taken off that base: what was dropped does not come back', async () => {
    const repository = bare();
    const first = await opens(repository, 'first');
    const other = git(repository, 'commit-tree', '-m', 'without the secret', `${first.head}^{tree}`);
    git(repository, 'update-ref', 'refs/heads/main', other);
    expect(await opens(repository, 'second')).toMatchObject({ session: 'second', head: other });
  });

  test.each([
    ['no JSON', () => '{'],
    ['nothing', () => 'null'],
    ['a session without a base', (said: object) => JSON.stringify({ ...said, base: '--upload-pack=x' })],
    ['a session of two lines', (said: object) => JSON.stringify({ ...said, id: 'x\nMillwright-Key: y' })],
    ['a base that is nowhere', (said: object) => JSON.stringify({ ...said, base: 'd'.repeat(40) })],
  ])('that somebody replaced by %s is none, and another one begins', async (_, content) => {
    const repository = bare();
    await opens(repository, 'first');
    await writes(repository, content(left(repository)));
    expect(await opens(repository, 'second')).toMatchObject({ session: 'second', head: tip(repository) });
  });
});

test('the board shows the run that is at work, also where it stands as an earlier one stood', async () => {
  const repository = bare();
  const { postBoard } = inSession(createRecordActivities(worker()));
  const pipeline = Pipeline.parse({ name: 'p', board: ['spec'], stages: {} });
  const post = (runId: string, status: string, iteration: number) =>
    running(postBoard, {
      ...{ key: key({ runId, stage: 'plan', iteration, part: 'board' }), session: 'first', repository, at: AT },
      ...{ board: { ...emptyBoard(place, pipeline), status }, notes: status },
    });
  const shown = () => git(repository, 'show', `${ledgerRef(place)}:board.md`);
  await post('first', 'planned', 1);
  await post('first', 'tested', 2);
  await post('second', 'planned', 1);
  expect(shown()).toBe('planned');
  const entries = () => git(repository, 'rev-list', '--count', ledgerRef(place));
  const before = entries();
  await post('second', 'planned', 1);
  expect(entries()).toBe(before);
});
