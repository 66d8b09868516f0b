// The demo at a terminal, left in the middle: the person is asked, and afterwards nothing of it is there any more.
import { dismiss, leftAtLast, nothing, startDemo, type Demo } from './audience';

jest.setTimeout(1_200_000);

let demo: Demo;
afterEach(() => dismiss(demo));

const QUESTION = 'y approve · d show the diff · c ask for changes · q quit:';

/** Without the colours and the movements of the cursor. */
// eslint-disable-next-line no-control-regex
const plain = (text: string) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
const asked = (times: number) => new RegExp(Array.from({ length: times }, () => escaped(QUESTION)).join('[^]*'));
const escaped = (text: string) => text.replace(/[?.*+()[\]]/g, '\\$&');

test('asks the person with the evidence in view, takes the answers, and leaves nothing after Ctrl-C', async () => {
  demo = startDemo([], { terminal: true, env: { NO_COLOR: '1' } });
  const type = (text: string) => demo.child.stdin!.write(text);
  await demo.until(asked(1));
  const panel = plain(demo.said()).replaceAll('\r', '');
  expect(panel).toMatch(/Candidate of demo\/accounts: HTTP server and registration/);
  expect(panel).toMatch(/changes {5}\d+ files, \+\d+ −0\n +\+\d+ +−0 {2}README\.md/);
  expect(panel).toMatch(/verify {6}green: 27 of 27 passed, 0 failed, \d+\.\d % of lines covered/);
  expect(panel).toMatch(/review {6}passed, score 0\.9/);
  expect(panel).toMatch(/evaluate {4}mean 4\.44 of 5: correctness 4\.7/);

  type('d\r');
  await demo.until(/line \d+ of \d+: Enter for more, q to stop/);
  expect(demo.said()).toMatch(/^\+# /m);
  type('q\r');
  await demo.until(asked(2));
  type('y\r');
  await demo.until(/→ approve, by \S+: accepted/);
  await demo.until(asked(3));
  type('\u0003');
  await demo.endsWith(130);
  expect(await leftAtLast(demo)).toEqual(nothing);
});

test('goes by the pipeline that it is told to, and says which stages that has', async () => {
  demo = startDemo(['--yes', '--pipeline', 'five-agents']);
  await demo.until('demo/accounts assemble: done');
  demo.child.kill('SIGINT');
  await demo.endsWith(130);
  const said = demo.said().replace(/\s+/g, ' ');
  expect(said).toContain('Pipeline five-agents: Planner → Coder → Reviewer → Tester → Deployer');
  expect(said).toContain('each milestone: plan → code ∥ cases → assemble → review → test → deploy → release → inspect');
  expect(await leftAtLast(demo)).toEqual(nothing);
});

test('leaves nothing after Ctrl-C while it sets up', async () => {
  demo = startDemo(['--yes']);
  await demo.until('Temporal server and its UI');
  demo.child.kill('SIGINT');
  demo.child.kill('SIGINT'); // npm passes on what the terminal has sent already
  await demo.endsWith(130);
  expect(await leftAtLast(demo)).toEqual(nothing);
});

test.each([
  [[], 2, 'Let the demo approve by itself: npm run demo -- --yes'],
  [['--yes', '--repository', '/tmp/r'], 2, '--repository goes with --live'],
  [['--yes', '--live', 'A clock'], 2, '--live asks a real model: set OPENAI_API_KEY'],
  [
    ['--yes', '--pipeline', 'nonsense'],
    2,
    'no answers for "nonsense"; it has them for factory, five-agents, milestone, roles, staged.',
  ],
  [['--help'], 0, '--live <request>'],
] as const)('with %j ends at once with %i and words', async (args, code, words) => {
  demo = startDemo(args);
  await demo.endsWith(code);
  expect(demo.said()).toContain(words);
  expect(await leftAtLast(demo)).toEqual(nothing);
});

test('with --live ends at once where there is no such pipeline, and says which there are', async () => {
  const args = ['--yes', '--live', 'A clock', '--pipeline', 'nonsense'];
  demo = startDemo(args, { env: { OPENAI_API_KEY: 'any' } });
  await demo.endsWith(2);
  expect(demo.said()).toContain('there is no pipeline "nonsense"; there is design-build-deploy, ');
  expect(await leftAtLast(demo)).toEqual(nothing);
});
