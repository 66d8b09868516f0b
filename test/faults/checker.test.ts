// The checker of trials is tested as it will be used: it accepts a trial that really took place, and rejects the same trial once
// somebody has tampered with what one side recorded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { check, invariants, inWords } from '../../scripts/trial/check';
import { replays } from '../../scripts/trial/invariants/replays';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { runTrial, type Tried } from '../../scripts/trial/trial';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { workflowBundle } from '../../src/workers/workflow-bundle';
import { merges } from './tampered/merges';
import { traces } from './tampered/traces';
import { work } from './tampered/work';
import { completedOf, Copy, eventsOf, payload } from './tampering';

const NAME = 'checked';
const own = mkdtempSync(join(tmpdir(), 'millwright-checked-'));
let ground: Ground;
let tried: Tried;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround([NAME]);
  tried = await runTrial(ground, { name: NAME });
}, 600_000);
afterAll(async () => {
  await ground.close();
  rmSync(own, { recursive: true, force: true });
});

const bundles = async () => [await workflowBundle(cacheFolder())];
let copies = 0;
const copied = () => new Copy(tried.folder, join(own, `${++copies}`));

test('a milestone that was delivered in peace breaks nothing', async () => {
  expect(tried).toMatchObject({ faults: [], hung: false });
  expect((await check(readEvidence(tried.folder), await bundles())).map(inWords)).toEqual([]);
});

// ── tampering ───────────────────────────────────────────────────────────────────────────────────────────────────

test.each([...merges, ...work, ...traces])('%s does not hold with %s', async (invariant, _, words, tamper) => {
  const copy = copied();
  tamper(copy);
  const evidence = readEvidence(copy.folder);
  const found = invariant === 'I7' ? await replays(evidence, await bundles()) : invariants[invariant](evidence);
  expect(found.join('\n')).toMatch(words);
});

// In a process of its own, as chaos is one: jest has its own way with what is read of errors.
const JUDGES = `
  const { readEvidence } = require('./scripts/trial/evidence');
  const { replays } = require('./scripts/trial/invariants/replays');
  const [, folder, codePath] = process.argv;
  const judge = async () => {
    const words = await replays(readEvidence(folder), [{ codePath }]);
    if (words.length > 0) throw new Error(words.join());
    return process.memoryUsage().external;
  };
  (async () => {
    const first = await judge();
    for (let trial = 0; trial < 10; trial++) await judge();
    console.log(JSON.stringify((await judge()) - first));
    process.exit(0);
  })();`;

test('hundreds of trials can be judged in one process: what one has taken in memory does not stay', async () => {
  const [{ codePath }] = (await bundles()) as [{ codePath: string }];
  const args = ['--require', 'tsx/cjs', '-e', JUDGES, tried.folder, codePath];
  const grown = execFileSync(process.execPath, args, { cwd: join(__dirname, '../..'), encoding: 'utf8' });
  expect(JSON.parse(grown)).toBeLessThan(20e6);
});

test('what is just small enough may be answered, and a person may say as much as Temporal takes', () => {
  const copy = copied();
  copy.history((events) => {
    completedOf(events, 'callAgent').result.payloads = [payload('x'.repeat(255_998))];
    const [signal] = eventsOf(events, 'WORKFLOW_EXECUTION_SIGNALED') as unknown as Signalled[];
    signal!.workflowExecutionSignaledEventAttributes.input.payloads = [payload('x'.repeat(1_000_000))];
  });
  expect(invariants.I4(readEvidence(copy.folder))).toEqual([]);
});
type Signalled = { workflowExecutionSignaledEventAttributes: { input: { payloads: unknown[] } } };

test('a trial that is replayed on no code shows nothing', async () => {
  expect((await replays(readEvidence(tried.folder), [])).join('\n')).toMatch('it shows nothing');
});

test('a trial without one of its records is no trial', () => {
  const copy = copied();
  rmSync(join(copy.folder, 'model.jsonl'));
  expect(() => readEvidence(copy.folder)).toThrow('is no whole trial: model.jsonl is missing');
});
