// What chaos does to a trial: each fault is chosen, placed and timed by chance that a seed repeats.
import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario, ScriptedAnswer } from '../scripted-model/server';
import type { Random } from './random';
import type { Plan, Victim } from './trial';

/** Of a plan, what this fault adds. */
type Part = Pick<Plan, 'crash' | 'suffers'> & {
  says?: (victim: () => Victim | undefined) => (scenario: Scenario) => Scenario;
};
export type FaultKind = { name: string; make(random: Random, stages: readonly string[]): Part };

// A milestone that nothing happens to takes some ten seconds.
const EARLY_MS = 1_000;
const LATE_MS = 15_000;
const FROZEN_MS = 22_000;

const sleep = (ms: number, over: AbortSignal) => pause(ms, undefined, { signal: over }).catch(() => undefined);

const within = (random: Random, strike: (victim: Victim) => Promise<void> | void): Part => {
  const ms = random.between(EARLY_MS, LATE_MS);
  return {
    async suffers(victim) {
      await sleep(ms, victim.over);
      if (!victim.over.aborted) await strike(victim);
    },
  };
};

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself: another fault was faster.
  }
}

const ofWorkers: FaultKind[] = [
  { name: 'worker killed', make: (random) => within(random, ({ worker }) => signal(worker.pid(), 'SIGKILL')) },
  { name: 'worker told to end', make: (random) => within(random, ({ worker }) => signal(worker.pid(), 'SIGTERM')) },
  {
    name: 'worker frozen',
    make: (random) =>
      within(random, async ({ worker, struck, over }) => {
        const pid = worker.pid();
        struck('worker frozen', pid);
        signal(pid, 'SIGSTOP');
        worker.another();
        await sleep(FROZEN_MS, over);
        signal(pid, 'SIGCONT');
        struck('worker woken', pid);
      }),
  },
];

const placed = (name: string, strike: string): FaultKind => ({
  name,
  make: (random, stages) => ({ crash: `${random.oneOf(stages)}:${strike}` }),
});

const inStages: FaultKind[] = [
  placed('killed before a stage', 'before'),
  placed('killed in a stage', 'middle'),
  placed('killed after a stage', 'after'),
  placed('answer of a stage lost', 'after=lose'),
];

/** The first answer of one stage is this; who asks again is answered as ever. */
const modelSays = (name: string, answer: (as: ScriptedAnswer) => ScriptedAnswer): FaultKind => ({
  name: `model: ${name}`,
  make(random) {
    const schema = random.oneOf(['Specification', 'Architecture', 'Change', 'TestSuite', 'Review', 'Evaluation']);
    let done = false;
    return {
      says: (victim) => (scenario) => async (call) => {
        const as = await scenario(call);
        if (done || call.schema !== schema) return as;
        done = true;
        victim()?.struck(`model: ${name}, in ${call.stage}`);
        return answer(as);
      },
    };
  },
});

const textOf = (as: ScriptedAnswer): string => JSON.stringify('json' in as ? as.json : as);

const ofModel: FaultKind[] = [
  modelSays('429', () => ({ status: 429, headers: { 'retry-after': '2' }, body: { error: { message: 'slow down' } } })),
  modelSays('503', () => ({ status: 503, body: { error: { message: 'overloaded' } } })),
  modelSays('silence', () => ({ silence: true })),
  modelSays('drip', (as) => ({ drip: { everyMs: 2_000 }, text: textOf(as) })),
  modelSays('reset', (as) => ({ resetAfterChars: 40, text: textOf(as) })),
  modelSays('truncated', (as) => ({ truncated: textOf(as).slice(0, 60) })),
  modelSays('rubbish', () => ({ garbage: '<html><body>Bad gateway</body></html>' })),
  modelSays('cut off', (as) => ({ cutOff: textOf(as).slice(0, 60) })),
  modelSays('refusal', () => ({ refusal: 'I would rather not.' })),
  modelSays('huge', () => ({ huge: 20_000_000 })),
];

const ofServer: FaultKind[] = [
  { name: 'server killed', make: (random) => within(random, ({ ground }) => ground.strikeServer()) },
];

export const faultKinds: readonly FaultKind[] = [...ofWorkers, ...inStages, ...ofModel, ...ofServer];

/** Two that can come together: a worker has room for one blow at itself. */
export function twoFaults(random: Random): [FaultKind, FaultKind] {
  const first = random.oneOf(faultKinds);
  const others = faultKinds.filter((kind) => kind !== first && !(inStages.includes(kind) && inStages.includes(first)));
  return [first, random.oneOf(others)];
}

export function planOf(name: string, kinds: readonly FaultKind[], random: Random, stages: readonly string[]): Plan {
  const parts = kinds.map((kind) => kind.make(random, stages));
  const crash = parts.find((part) => part.crash !== undefined)?.crash;
  let victim: Victim | undefined;
  return {
    name,
    ...(crash !== undefined && { crash }),
    says: (scenario) => parts.reduce((as, part) => part.says?.(() => victim)(as) ?? as, scenario),
    async suffers(struck) {
      victim = struck;
      await Promise.all(parts.map(async (part) => part.suffers?.(struck)));
    },
  };
}
