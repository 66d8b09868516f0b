// The whole demo, approved by itself, while its worker and its server are killed: the same project ends merged.
import { setTimeout as pause } from 'node:timers/promises';
import type { LoggedCall } from '../../../scripts/scripted-model/server';
import { callsOf, dismiss, leftOf, nothing, processesWith, startDemo, type Demo } from './audience';

let demo: Demo;
afterEach(() => dismiss(demo));

const WORKER = 'run.cjs worker';
const SERVER = 'server start-dev';

/** kill -9, to the ones of this demo alone. */
function killIn({ temp }: Demo, ...commands: string[]): void {
  const meant = (command: string) => !command.startsWith('/bin/sh') && commands.some((word) => command.includes(word));
  const found = processesWith(temp).filter(({ command }) => meant(command));
  expect(found.length).toBe(commands.length);
  found.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
}

/** Until every call that has begun is over, and long enough for its answer to have been put down. */
async function untilQuiet(of: Demo): Promise<LoggedCall[]> {
  for (;;) {
    const calls = callsOf(of);
    const open = calls.filter(({ outcome }) => outcome === 'started').length * 2 - calls.length;
    const last = Math.max(...calls.map(({ at }) => Date.parse(at)));
    if (open === 0 && Date.now() - last > 2_000) return calls;
    await pause(50);
  }
}

test('ends with everything merged, though its worker and its server are killed on the way', async () => {
  demo = startDemo(['--yes']);
  await demo.until('demo/accounts verify: running', 120);
  await untilQuiet(demo);
  killIn(demo, WORKER);
  await demo.until(/The worker has ended \(by SIGKILL\)[^]*The worker is up again/);

  await demo.until('demo/login verify: running', 120);
  const before = await untilQuiet(demo);
  killIn(demo, WORKER, SERVER);
  await demo.until(/The Temporal server has ended \(by SIGKILL\)[^]*The Temporal server is up again/);

  let calls: LoggedCall[] = before;
  const keepCalls = setInterval(() => (calls = [calls, callsOf(demo)].sort((a, b) => b.length - a.length)[0]!), 100);
  await demo.endsWith(0).finally(() => clearInterval(keepCalls));
  expect(leftOf(demo)).toEqual(nothing);

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
}, 600_000);
