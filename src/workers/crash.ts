// For tests alone: with MILLWRIGHT_CRASH, this worker is struck at named points of named work. Without it, nothing of this is there.
//
//   MILLWRIGHT_CRASH=merge:middle              killed once, in the middle of the stage `merge`
//   MILLWRIGHT_CRASH=verify/runTests:before,after,before   the first attempt before it begins, the second when it is done, …
//   MILLWRIGHT_CRASH=implement:middle=freeze   stopped where it stands, until somebody sends SIGCONT
//   MILLWRIGHT_CRASH=approve:after=lose        the work is done, and its answer is lost
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import type { ActivityInterceptors, WorkerOptions } from '@temporalio/worker';
import { transient } from '../domain/failures';

type Point = 'before' | 'middle' | 'after';
type How = 'kill' | 'freeze' | 'lose';
/** What is struck, and how in its first attempt, its second, and so on. */
type Plan = { stage?: string; activity?: string; strikes: { point: Point; how: How }[] };

const PLAN = /^(?:(?<stage>[a-z0-9-]+)(?:\/(?<activity>\w+))?|(?<alone>[a-z]+[A-Z]\w*)):(?<strikes>\S+)$/;
const STRIKE = /^(?<point>before|middle|after)(?:=(?<how>kill|freeze|(?<=after=)lose))?$/;

export function parseCrash(text: string): Plan {
  const { stage, alone, activity = alone, strikes } = PLAN.exec(text)?.groups ?? {};
  const found = (strikes ?? '').split(',').map((strike) => STRIKE.exec(strike)?.groups);
  if (!(stage || activity) || found.includes(undefined))
    throw new Error(
      `MILLWRIGHT_CRASH is "${text}"; expected <stage>:<point>, <activity>:<point> or <stage>/<activity>:<point>, ` +
        'with points before, middle and after, one for each attempt',
    );
  return {
    ...(stage && { stage }),
    ...(activity && { activity }),
    strikes: found.map((strike) => ({ point: strike!.point as Point, how: (strike!.how ?? 'kill') as How })),
  };
}

/** The same worker, and the blows that it is to take. */
export function struck<O extends Partial<WorkerOptions>>(options: O, crash: string | undefined): O {
  if (!crash) return options;
  const plan = parseCrash(crash);
  watchForEffects();
  const { activity = [] } = options.interceptors ?? {};
  const own = (context: { info: { activityType: string; attempt: number } }): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        const { activityType, attempt } = context.info;
        const strike = isMeant(plan, activityType, input.args[0]) ? plan.strikes[attempt - 1] : undefined;
        if (strike === undefined) return next(input);
        const name = `${activityType}, attempt ${attempt}, ${strike.point}`;
        const land = once(() => strikeWith(strike.how, name));
        if (strike.point === 'before') land();
        const result = await (strike.point === 'middle' ? firstEffect.run(land, () => next(input)) : next(input));
        if (strike.point === 'after') land();
        return result;
      },
    },
  });
  return { ...options, interceptors: { ...options.interceptors, activity: [own, ...activity] } };
}

function isMeant({ stage, activity }: Plan, type: string, task: unknown): boolean {
  const of = (task as { key?: { stage?: string } } | undefined)?.key?.stage;
  return (activity === undefined || activity === type) && (stage === undefined || of === undefined || of === stage);
}

function strikeWith(how: How, where: string): void {
  if (how === 'lose') throw transient('RepositoryUnavailable', `the answer of ${where}, was lost on the way`);
  // Heard on no pipe that a killed process would take along.
  process.kill(process.pid, how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}

// ── the middle ──────────────────────────────────────────────────────────────────────────────────────────────────

const UNDER_WAY_MS = 300;

/** What happens as soon as this work has had its first effect outside: something is pushed, or something runs in a sandbox. */
const firstEffect = new AsyncLocalStorage<() => void>();

const watchForEffects = once(() => subscribe('child_process', seeChild));

function seeChild(message: unknown): void {
  const land = firstEffect.getStore();
  if (land === undefined) return;
  const { process: child } = message as { process: ChildProcess };
  // It is told of before it is started.
  setImmediate(() => {
    const { spawnargs = [] } = child;
    if (spawnargs.includes('push')) child.once('exit', (code) => code === 0 && land());
    else if (runsInSandbox(spawnargs)) setTimeout(land, UNDER_WAY_MS);
  });
}

/** A sandbox that proves itself runs nothing yet. */
const runsInSandbox = (args: readonly string[]): boolean =>
  args.includes('--die-with-parent') && !args.some((arg) => arg.endsWith('/probe.mjs'));

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
