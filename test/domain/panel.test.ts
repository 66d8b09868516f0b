// The panel of the Temporal UI, of a project with more milestones than anybody reads.
import { statusMarkdown, type MilestoneStatus, type Status } from '../../src/domain/status';
import { noUsage } from '../../src/domain/usage';

const milestone = (id: string, state: MilestoneStatus['state']): MilestoneStatus => ({
  ...{ id, title: `The ${id}`, dependencies: [], workflowId: `p/${id}`, state },
});
const panel = (milestones: MilestoneStatus[]): string =>
  statusMarkdown({
    ...{ id: 'p', runId: 'r', kind: 'project', title: 'Sums', pipeline: 'project', repository: '/r', branch: 'main' },
    ...{ state: 'running', stages: [], milestones, usage: noUsage, startedAt: '' },
    decisions: { accepted: 0, refused: 0, recent: [] },
  } satisfies Status);
const many = (state: MilestoneStatus['state'], count: number) =>
  Array.from({ length: count }, (_, at) => milestone(`${state}-${at}`, state));

test('a few milestones are all there', () => {
  const text = panel([...many('merged', 20), ...many('planned', 20)]);
  expect(text.match(/^\| (merged|planned)-\d+: /gm)).toHaveLength(40);
  expect(text).not.toContain('And ');
});

test('of hundreds, those at work and those that failed are there, and the others counted', () => {
  const text = panel([...many('merged', 400), ...many('failed', 3), ...many('running', 8), ...many('planned', 89)]);
  expect(text.match(/^\| (failed|running)-\d+: /gm)).toHaveLength(11);
  expect(text).not.toMatch(/^\| (merged|planned)-/m);
  expect(text).toContain('\nAnd 400 merged, 89 planned.\n');
  expect(text).toMatch(/Decisions: 0 accepted, 0 refused\.$/);
});

test('what is cut off is not the end', () => {
  const text = panel(many('failed', 500));
  expect(text).toContain('And 440 failed.');
  expect(text).toMatch(/Decisions: 0 accepted, 0 refused\.$/);
});
