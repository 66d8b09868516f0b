// Which pipelines the demo can go by, and how it says what they are.
import { readFileSync } from 'node:fs';
import { scenarioFile, scriptedPipelines } from '../../scripts/demo/scenario';
import { findWay, stagesInLine } from '../../scripts/demo/way';
import { Pipeline } from '../../src/domain/pipeline';

const pipeline = (needs: Record<string, string[]>) =>
  Pipeline.parse({
    name: 'p',
    stages: Object.fromEntries(Object.entries(needs).map(([name, before]) => [name, { agent: 'a', needs: before }])),
  });

test.each(scriptedPipelines)('%s has a script, and is a pipeline for a milestone', async (name) => {
  expect(readFileSync(scenarioFile(name), 'utf8')).toContain(`// \`${name}\`: `);
  expect(await findWay(name, false)).toMatchObject({ name, forEach: 'milestone' });
});

test('a script has no answers for a pipeline that takes the project as a whole, but a real model may', async () => {
  await expect(findWay('design-build-deploy', false)).rejects.toThrow(
    /^--pipeline: the script has no answers for "design-build-deploy"; it has them for .*five-agents.* With --live, /,
  );
  const way = await findWay('design-build-deploy', true);
  expect(way).toMatchObject({ name: 'design-build-deploy', forEach: 'project' });
  expect(Object.keys(way.pipelines).sort()).toEqual(['design-build-deploy', 'staged']);
});

test('what stands around the others is no way of its own', async () => {
  await expect(findWay('project', true)).rejects.toThrow(/^--pipeline: "project" is what stands around/);
});

test('the stages stand in the order of what they need, side by side where they may start together', () => {
  expect(stagesInLine(pipeline({ d: ['b', 'c'], a: [], b: ['a'], c: ['a'] }))).toBe('a → b ∥ c → d');
  expect(stagesInLine(pipeline({ a: [], b: ['a'], c: [], d: ['b', 'c'] }))).toBe('a ∥ c → b → d');
});
