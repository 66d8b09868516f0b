// The whole demo, approved by itself, while its worker and its server are killed: the same project ends merged.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoggedCall } from '../../../scripts/scripted-model/server';
import { ledgerRef, stageFolder, type Place } from '../../../src/domain/names';
import { git } from '../../adapters/git/ground';
import { processesSaying } from '../../processes';
import { callsOf, dismiss, folderOf, leftAtLast, nothing, startDemo, type Demo } from './audience';

let demo: Demo;
afterEach(() => dismiss(demo));

const WORKER = 'run.cjs worker';
const SERVER = 'server start-dev';

function processIn({ temp }: Demo, command: string): number {
  const named = processesSaying(temp).filter(
    (one) => !one.command.startsWith('/bin/sh') && one.command.includes(command),
  );
  // What it has just forked has its name until it becomes another command.
  const found = named.filter(({ parent }) => named.every(({ pid }) => pid !== parent));
  expect(found).toHaveLength(1);
  return found[0]!.pid;
}

/** Until its worker stands still at a moment in which every answer that was given has been put down, so that none is lost by a kill. */
async function frozenAtRest(of: Demo): Promise<LoggedCall[]> {
  for (; ; await pause(100)) {
    if (callsAtRest(of) === undefined) continue;
    const worker = processIn(of, WORKER);
    process.kill(worker, 'SIGSTOP');
    const calls = callsAtRest(of);
    if (calls !== undefined) return calls;
    process.kill(worker, 'SIGCONT');
  }
}

function callsAtRest(of: Demo): LoggedCall[] | undefined {
  const calls = callsOf(of);
  return areOver(calls) && arePutDown(of, calls) ? calls : undefined;
}

const areOver = (calls: readonly LoggedCall[]): boolean =>
  calls.filter(({ outcome }) => outcome === 'started').length * 2 === calls.length;

function arePutDown(of: Demo, calls: readonly LoggedCall[]): boolean {
  const ledgers = new Map<string, string[]>();
  const ledger = (place: Place): string[] => {
    const ref = ledgerRef(place);
    if (!ledgers.has(ref)) ledgers.set(ref, pathsIn(join(folderOf(of), 'repository.git'), ref));
    return ledgers.get(ref)!;
  };
  return calls.every((call) => ledger(call).includes(`${stageFolder(call)}/call.json`));
}

const pathsIn = (repository: string, ref: string): string[] =>
  git(repository, 'for-each-ref', ref) === '' ? [] : git(repository, 'ls-tree', '-r', '--name-only', ref).split('\n');

test('ends with everything merged, though its worker and its server are killed on the way', async () => {
  demo = startDemo(['--yes']);
  // A sandbox that is done soon is not always seen at work.
  await demo.until(/demo\/accounts verify: (running|done)/);
  await frozenAtRest(demo);
  process.kill(processIn(demo, WORKER), 'SIGKILL');
  await demo.until(/The worker has ended \(by SIGKILL\)[^]*The worker is up again/);

  await demo.until(/demo\/login verify: (running|done)/);
  const before = await frozenAtRest(demo);
  for (const command of [WORKER, SERVER]) process.kill(processIn(demo, command), 'SIGKILL');
  await demo.until(/The Temporal server has ended \(by SIGKILL\)[^]*The Temporal server is up again/);

  let calls: LoggedCall[] = before;
  const keepCalls = setInterval(() => (calls = [calls, callsOf(demo)].sort((a, b) => b.length - a.length)[0]!), 100);
  await demo.endsWith(0).finally(() => clearInterval(keepCalls));
  expect(await leftAtLast(demo)).toEqual(nothing);

  const said = demo.said();
  expect(said).toMatch(/The model is SCRIPTED/);
  expect(said.match(/approved by itself \(--yes\)/g)).toHaveLength(4);
  expect(said.match(/^\*.* Merge (accounts|login|hardening|notes): /gm)).toHaveLength(4);
  expect(said).toMatch(/✓ 4 of 4 milestones merged/);
  expect(said).toMatch(/✓ (\d+) of \1 of the target's own tests pass on its main/);
  expect(said).toMatch(/2 reworks, sent back by:\n {4}review of login: [^]*\n {4}verify of notes: /);
  expect(said).toMatch(/^4 of 4 milestones merged; complete, .* in \d+ model calls$/m);
  // Both rounds are in what login cost.
  expect(said).toMatch(/^login: [^]*?rounds +2, \$0\.2\d$/m);
  expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/demo/);

  // No answer that was given whole was asked for again.
  expect(calls.length).toBeGreaterThan(before.length);
  expect(calls.filter(({ repeated }) => repeated)).toEqual([]);
  const answered = calls.filter(({ outcome }) => outcome === 'answered').map(({ key }) => key);
  expect(answered.length).toBe(new Set(answered).size);
}, 1_800_000);
