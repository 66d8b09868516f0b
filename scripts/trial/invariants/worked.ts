// I3, no lost or repeated work: what is finished is there, and is never done or paid for again. The model server's log, git and
// Temporal's history are held against each other.
import { effectKey } from '../../../src/domain/names';
import type { LoggedCall } from '../../scripted-model/journal';
import type { Evidence } from '../evidence';
import type { Activity, Run } from '../history';
import { repeated, short, type Words } from './words';

/** Looks that change nothing, and may be taken as often as one likes. */
const LOOKS = ['lookAtQueue', 'headOf', 'verifyDecisions'];

export function worked(evidence: Evidence): Words {
  return [
    ...evidence.runs.flatMap(repeatedWork),
    ...evidence.runs.flatMap((run) => lostWork(run, evidence)),
    ...repeatedCalls(evidence),
    ...wrongAccounts(evidence),
    ...strayRuns(evidence),
  ];
}

function repeatedWork({ workflowId, activities }: Run): Words {
  const done = activities.filter(({ type, outcome }) => outcome === 'completed' && !LOOKS.includes(type));
  const asked = ({ type, input }: Activity) => {
    const { at: _, ...told } = (input ?? {}) as Record<string, unknown>;
    return `${type} ${JSON.stringify(told)}`;
  };
  return repeated(done, asked).map(
    ([, found]) => `${workflowId} completed ${nameOf(found[0]!)} ${found.length} times for the same input`,
  );
}

/** A handoff in the history names a commit of a ledger: it must be there. */
function lostWork({ workflowId, activities }: Run, { repository }: Evidence): Words {
  const entries = new Set(repository.entries.map(({ sha }) => sha));
  return activities.flatMap((activity) => {
    const { artifact } = (activity.result ?? {}) as { artifact?: { commit: string; path: string } };
    if (
      artifact?.commit === undefined ||
      (entries.has(artifact.commit) && repository.file(artifact.commit, artifact.path))
    )
      return [];
    return [
      `${workflowId} relies on ${artifact.path} of ${nameOf(activity)} at ${short(artifact.commit)}, which no ledger holds`,
    ];
  });
}

// ── calls of models ─────────────────────────────────────────────────────────────────────────────────────────────

const answered = ({ outcome }: LoggedCall): boolean => outcome === 'answered';

function repeatedCalls({ runs, calls }: Evidence): Words {
  const words: Words = [];
  const work = new Map(
    runs.flatMap(({ activities }) =>
      activities.flatMap((activity) => (activity.key ? [[effectKey(activity.key), activity] as const] : [])),
    ),
  );
  for (const [key, asked] of grouped(calls, ({ key }) => key)) {
    const paid = asked.filter((call) => answered(call) && !call.repeated).length;
    if (paid > 1) words.push(`the model was paid ${paid} times for ${key}`);
    if (asked.some(({ otherPrompt }) => otherPrompt)) words.push(`${key} was asked again with another prompt`);
    const activity = work.get(effectOfCall(key));
    if (activity === undefined) {
      words.push(`the model was asked ${key}, and no history knows of that`);
      continue;
    }
    if (activity.attempts > 0 && asked.length > activity.attempts)
      words.push(`${key} was asked ${asked.length} times in ${activity.attempts} attempts`);
    const late = asked.filter(({ at }) => activity.outcome === 'completed' && at > activity.endedAt!);
    if (late.length > 0) words.push(`${key} was asked at ${late[0]!.at}, after ${nameOf(activity)} had been completed`);
  }
  for (const [effect, asked] of grouped(calls, ({ key }) => effectOfCall(key))) {
    const turns = asked.map(({ key }) => Number(/\/turn-(\d+)$/.exec(key)?.[1]));
    const back = turns.findIndex((turn, at) => at > 0 && turn < turns[at - 1]!);
    if (back > 0)
      words.push(`${effect}: turn ${turns[back]} was asked again after turn ${turns[back - 1]}: it was finished`);
  }
  return words;
}

const effectOfCall = (key: string): string => key.replace(/\/turn-\d+$/, '');

/** What the ledger says a stage has cost is what the model server has given out for it. */
function wrongAccounts({ repository, calls, runs, trial }: Evidence): Words {
  const faultTimes = trial.faults.map(({ at }) => Date.parse(at));
  const finished = new Set(
    runs.flatMap(({ activities }) =>
      activities.flatMap(({ key, outcome }) => (key && outcome === 'completed' ? [effectKey(key)] : [])),
    ),
  );
  const booked = new Map<string, { input: number; output: number }>();
  for (const entry of repository.entries)
    for (const path of repository.paths(entry.sha).filter((name) => name.endsWith('/call.json'))) {
      const { key, tokens } = JSON.parse(repository.file(entry.sha, path)!) as {
        key: string;
        tokens: { input: number; output: number };
      };
      booked.set(key, tokens);
    }
  const heard = new Map(grouped(calls, ({ key }) => effectOfCall(key)));
  return [...new Set([...heard.keys(), ...booked.keys()])].flatMap((effect) => {
    const asked = heard.get(effect) ?? [];
    const account = booked.get(effect);
    // What was not finished has none: what it cost is in the turns that it left.
    if (account === undefined)
      return finished.has(effect) ? [`${effect} was completed, and no ledger has an account of what it cost`] : [];
    const sum = (chosen: readonly LoggedCall[]) => ({
      input: chosen.reduce((total, { inputTokens }) => total + inputTokens, 0),
      output: chosen.reduce((total, { outputTokens }) => total + outputTokens, 0),
    });
    const paid = asked.filter((call) => !call.repeated);
    // Whoever was struck in the middle of an answer cannot book what came of it.
    const certain = sum(paid.filter((call) => !brokenBy(call, faultTimes)));
    const most = sum(paid);
    return (['input', 'output'] as const).flatMap((kind) =>
      account[kind] >= certain[kind] && account[kind] <= most[kind]
        ? []
        : [`${effect}: the ledger has ${account[kind]} ${kind} tokens, the model server's log ${certain[kind]}`],
    );
  });
}

const brokenBy = ({ outcome, at, ms }: LoggedCall, faults: readonly number[]): boolean =>
  outcome !== 'answered' &&
  faults.some((time) => time >= Date.parse(at) - 1_000 && time <= Date.parse(at) + ms + 1_000);

// ── runs in sandboxes ───────────────────────────────────────────────────────────────────────────────────────────

const IN_SANDBOX = ['runTests', 'tryMutants', 'runMutants'];

/** Nothing runs in a sandbox but for a piece of work that is under way, by whatever clock its worker went. */
function strayRuns({ sandbox, runs, trial: { clocks = [] } }: Evidence): Words {
  const windows = runs.flatMap(({ activities }) => activities.filter(({ type }) => IN_SANDBOX.includes(type)));
  const times = (at: string) => [0, ...clocks].map((off) => new Date(Date.parse(at) - off * 1000).toISOString());
  return sandbox.flatMap((entry) =>
    entry.event === 'began' &&
    !windows.some(({ scheduledAt, endedAt }) =>
      times(entry.at).some((at) => at >= scheduledAt && (endedAt === undefined || at <= endedAt)),
    )
      ? [`a sandbox ran ${entry.command.slice(0, 3).join(' ')} at ${entry.at}, when no test run was under way`]
      : [],
  );
}

const nameOf = ({ type, key }: Activity): string => (key ? `${type} of ${effectKey(key)}` : type);

function grouped<T>(all: readonly T[], by: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  return [...groups];
}
