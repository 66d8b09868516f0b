// A package that a change brings, locked or not, is fetched only once a person has let it in by name, seeing its version and age; and merged only so.
import { bare } from '../adapters/git/ground';
import { useRegistry } from '../registry/registry';
import { change, suite, type Files } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { byRound } from '../scenarios/script';

const registry = useRegistry();
const mill = useMill({
  definitions: small,
  get environment() {
    return { MILLWRIGHT_NPM_REGISTRY: registry.npm, MILLWRIGHT_PYTHON_INDEX: registry.python };
  },
});

beforeAll(() => {
  registry
    .publish('seven', '1.0.0', { 'index.js': 'module.exports = 7;\n' })
    .publish('left-pad', '1.3.0', { 'index.js': 'module.exports = (text) => ` ${text}`;\n' });
});

const NEW = 'npm:left-pad@1.3.0';
const code = (body: string): Files => ({ 'src/a.js': `exports.a = ${body};\n` });
const tests: Files = {
  'test/a.test.js': `const test = require('node:test');
test('a', () => require('node:assert').strictEqual(require('../src/a').a, ' 7'));\n`,
};
const base = () => bare({ ...registry.locked({ seven: '1.0.0' }), 'README.md': '#\n' });
const bringing = () =>
  change({
    ...registry.locked({ seven: '1.0.0', 'left-pad': '1.3.0' }),
    ...code("require('left-pad')(require('seven'))"),
  });
const fetched = () => registry.asked.filter(({ url }) => /left-pad.*\.tgz$/.test(url)).length;

test('42: it waits for a person, who sees name, version and age; it is used by tests and merged only as named', async () => {
  const script = { implement: [bringing()], tests: [suite(tests)] };
  const run = await mill.milestone(script, { pipeline: 'quick', approvers: ['ada'], repository: base() });
  const { subject, paths, known, detail } = await run.untilItWaitsFor('approval');
  expect({ paths, known }).toEqual({
    paths: [NEW],
    known: { [NEW]: expect.stringMatching(/^published 2020-02-20, \d+ days ago$/) },
  });
  expect(detail).toContain(`it brings new dependencies: ${NEW}`);
  expect(fetched()).toBe(0);
  expect(await run.answered(() => run.say('approve', { subject, by: 'ada' }))).toMatchObject({
    ...{ accepted: false, reason: `it does not name the new dependencies that it brings: ${NEW}` },
  });
  const unseen = await mill.verb('approve', run.id, '--by', 'ada', '--yes');
  expect(unseen).toMatchObject({ code: 3, said: expect.stringContaining(`--dependencies ${NEW}`) });
  expect(unseen.said).toMatch(
    /NEW {9}1 dependencies, .*\n {4}npm:left-pad@1\.3\.0: published 2020-02-20, \d+ days ago\n/,
  );
  expect(fetched()).toBe(0);
  const seen = await mill.verb('approve', run.id, '--by', 'ada', '--dependencies', 'left-pad@1.3.0', '--yes');
  expect(seen).toMatchObject({ code: 0, said: expect.stringContaining('Accepted') });

  const { waitingFor } = await run.until(
    ({ waitingFor: wait }) => wait?.paths?.length === 2 || wait?.for === 'guidance',
  );
  expect(waitingFor).toMatchObject({ for: 'approval', subject, paths: ['package-lock.json', NEW] });
  expect(fetched()).toBe(1);
  const half = await run.answered(() => run.say('approve', { subject, by: 'ada', paths: ['package-lock.json'] }));
  expect(half).toMatchObject({ accepted: false, reason: expect.stringContaining(NEW) });
  await run.say('approve', { subject, by: 'ada', paths: waitingFor!.paths });
  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: subject });
  expect(run.onMain('package.json')).toContain('left-pad');
  expect((await run.timeline()).join('\n')).toContain('lookAtDependencies — verify, round 1: what is known of 1 new');
  await mill.keepHistory(run.id, 'milestone-with-a-new-dependency');
});

test('42: one that no registry has goes back to the agent, and so does one that a person does not want; neither is fetched', async () => {
  const before = fetched();
  const dreamt = JSON.parse(JSON.stringify(bringing()).replaceAll('left-pad', 'left-padd')) as ReturnType<
    typeof change
  >;
  const without = change({ ...registry.locked({ seven: '1.0.0' }), ...code("` ${require('seven')}`") });
  const script = { implement: byRound(dreamt, bringing(), without), tests: [suite(tests)] };
  const run = await mill.milestone(script, { pipeline: 'quick', approvers: ['ada'], repository: base() });
  const { subject } = await run.untilItWaitsFor('approval');
  expect(run.prompt('implement', 2)).toContain('left-padd is not at http');
  await run.say('requestChanges', { subject, by: 'ada', note: 'Six lines of our own will do.' });
  const { subject: last, paths } = await run.untilItWaitsFor('approval', subject);
  expect(run.prompt('implement', 3)).toContain('Six lines of our own will do.');
  expect(paths).toBeUndefined();
  await run.say('approve', { subject: last, by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(fetched()).toBe(before);
});

test('42: an agent that cannot know a hash asks for it in package.json alone; what npm makes of that is what a person sees and what is merged', async () => {
  const { 'package.json': manifest } = registry.locked({ seven: '1.0.0', 'left-pad': '1.3.0' });
  const asking = change({ 'package.json': manifest!, ...code("require('left-pad')(require('seven'))") });
  const script = { implement: [asking], tests: [suite(tests)] };
  const before = fetched();
  const run = await mill.milestone(script, { pipeline: 'quick', approvers: ['ada'], repository: base() });
  const { subject, paths } = await run.untilItWaitsFor('approval');
  expect(paths).toEqual([NEW]);
  expect(fetched()).toBe(before);
  await run.say('approve', { subject, by: 'ada', paths: [NEW] });
  const { waitingFor } = await run.until(
    ({ waitingFor: wait }) => wait?.paths?.length === 2 || wait?.for === 'guidance',
  );
  expect(waitingFor).toMatchObject({ for: 'approval', subject, paths: ['package-lock.json', NEW] });
  await run.say('approve', { subject, by: 'ada', paths: waitingFor!.paths });
  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: subject });
  const { packages } = JSON.parse(run.onMain('package-lock.json')) as { packages: Record<string, object> };
  expect(packages['node_modules/left-pad']).toMatchObject({ integrity: registry.integrity('left-pad', '1.3.0') });
  expect((await run.timeline()).join('\n')).toMatch(/with the package-lock.json that it needs/);
  await mill.keepHistory(run.id, 'milestone-with-a-lockfile-made-for-it');
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
