// What a model wrote goes on as a few fields: however much it wrote, no more of it than one payload takes.
import { handoffFrom } from '../../src/activities/entry';
import type { Artifact } from '../../src/domain/artifacts';

const key = { project: 'p', milestone: 'project', runId: 'r', stage: 'plan', iteration: 1 };
const milestone = (id: string, dependencies: string[], title: string) => ({
  ...{ id, title, dependencies, description: '', acceptance_criteria: [], feedback: '', tasks: [] },
});
const planOf = (milestones: ReturnType<typeof milestone>[]): Artifact<'MilestonePlan'> => ({
  ...{ confidence: 1, summary: 'as asked', out_of_scope: [], milestones },
});
const ids = Array.from({ length: 500 }, (_, at) => `${'m'.repeat(50)}-${at}`);

test('a plan as long as plans get fits, with titles cut', () => {
  const { status, facts } = handoffFrom(
    key,
    'MilestonePlan',
    planOf(ids.map((id) => milestone(id, [], 'x'.repeat(200)))),
  );
  expect(status).toBe('ok');
  expect((facts.milestones as { title: string }[])[0]!.title).toBe(`${'x'.repeat(79)}…`);
  expect(JSON.stringify(facts).length).toBeLessThan(128_000);
});

test('a plan in which everything depends on everything before it is a matter for a person, and says why', () => {
  const plan = planOf(ids.map((id, at) => milestone(id, ids.slice(0, at), 'x')));
  const { status, cause, summary, facts, artifact } = handoffFrom(key, 'MilestonePlan', plan);
  expect({ status, cause, facts }).toEqual({ status: 'blocked', cause: 'too-large', facts: {} });
  expect(summary).toMatch(/^what the run has to know of it are \d+ bytes, and 128000 are allowed: fewer/);
  expect(artifact).toBeUndefined();
});
