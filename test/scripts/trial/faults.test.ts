// What chaos draws can be drawn again from its seed, and its table says what came of it.
import { faultKinds, planOf, twoOf } from '../../../scripts/trial/faults';
import { randomFrom } from '../../../scripts/trial/random';
import { recoveriesOf } from '../../../scripts/trial/recovery';
import { tableLines, type Outcome } from '../../../scripts/trial/table';

const stages = ['specify', 'implement', 'merge'];
const { kinds, leftOut } = faultKinds(true);

function drawn(seed: string) {
  const random = randomFrom(seed);
  const two = twoOf(kinds, random);
  const { milestones, crash, equipment } = planOf('one', two, random, stages);
  return { two: two.map(({ name }) => name), milestones, crash, equipment };
}
const many = (seed: string) => Array.from({ length: 400 }, (_, trial) => drawn(`${seed}/${trial}`));

test('the same seed draws the same trials, and another one others', () => {
  expect(many('a')).toEqual(many('a'));
  expect(many('a')).not.toEqual(many('b'));
});

test('every kind is drawn, milestones and projects are, and no worker is struck by itself in two ways', () => {
  const all = many('a');
  expect(new Set(all.flatMap(({ two }) => two))).toEqual(new Set(kinds.map(({ name }) => name)));
  expect(new Set(all.map(({ milestones }) => milestones))).toEqual(new Set([undefined, 2, 3]));
  for (const { two } of all) {
    expect(new Set(two).size).toBe(2);
    expect(two.filter((name) => /a stage/.test(name)).length).toBeLessThan(2);
  }
});

test('what a fault needs of the machine is asked for', () => {
  const needing = kinds.filter(({ needs }) => needs === 'disk' || needs === 'clock');
  const asked = needing.map((kind) => planOf('one', [kind], randomFrom('a'), stages).equipment);
  expect(asked).toEqual(needing.map(({ needs }) => [needs]));
});

test('what cannot be had is named with its reason, and not drawn', () => {
  const without = faultKinds(false);
  expect(without.leftOut.filter((words) => !leftOut.includes(words))).toEqual([
    expect.stringMatching(/^database restarted: .*--server postgres/),
    expect.stringMatching(/^database down: .*--server postgres/),
  ]);
  expect(without.kinds.map(({ name }) => name)).not.toContain('database down');
});

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────

const outcome = (trial: number, more: Partial<Outcome> = {}): Outcome => ({
  ...{ trial, commit: 'abc', delivered: 'a milestone', faults: ['worker killed', 'server killed'], seconds: 10 },
  ...{ violations: [], recoveries: [] },
  ...more,
});
const lines = (outcomes: Outcome[]) =>
  tableLines({ server: 'a server', seed: '7', leftOut: ['disk full: no tmpfs'], outcomes });

test('the table counts trials and broken ones for each fault, and names what was left out and what was tried', () => {
  const found = lines([outcome(1), outcome(2, { commit: 'def', violations: ['I1: twice', 'I2: not gated'] })]);
  expect(found).toEqual(expect.arrayContaining(['| server killed | 2 | 1 |', '| worker killed | 2 | 1 |']));
  expect(found.slice(-4)).toEqual([
    'left out: disk full: no tmpfs',
    'a milestone: 2',
    '2 trials, 2 violations in 2',
    'seed 7, a server, commit abc, def',
  ]);
});

test('the table holds recoveries against their bounds', () => {
  const at = (second: number) => new Date(Date.UTC(2030, 1, 1) + second * 1000).toISOString();
  const faults = [
    { at: at(0), what: 'worker ended: SIGKILL' },
    { at: at(100), what: 'worker ended: SIGKILL' },
    { at: at(200), what: 'model: drip, in verify' },
    { at: at(300), what: 'server back' },
  ];
  const recoveries = recoveriesOf(faults, [at(4), at(130), at(201), at(299)]);
  const found = lines([outcome(1, { recoveries })]);
  expect(found).toContain('| worker ended: SIGKILL | 2 | 30.0 | 30.0 | 30.0 | 25 | 1 |');
  expect(found).toContain('| model: drip | 1 | 1.0 | 1.0 | 1.0 |  |  |');
  expect(found.join('\n')).not.toContain('server back');
});
