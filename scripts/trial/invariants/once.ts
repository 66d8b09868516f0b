// I1, once: at most one merge a milestone, every effect once under its key, and Temporal's result says what git has.
import type { Evidence } from '../evidence';
import type { Run } from '../history';
import { latest, mergesOf, repeated, short, type Words } from './words';

const KEY = 'Millwright-Key';

export function once({ repository, trial, runs }: Evidence): Words {
  const merges = mergesOf(repository, trial);
  const milestoneOf = ({ trailers }: (typeof merges)[number]) =>
    `${trailers['Millwright-Project']?.[0]}/${trailers['Millwright-Milestone']?.[0]}`;
  const twice = repeated(merges, milestoneOf).map(
    ([milestone, found]) =>
      `${milestone} was merged ${found.length} times into ${trial.branch}: ${found.map(({ sha }) => short(sha)).join(', ')}`,
  );
  const candidates = repeated(merges, ({ parents }) => parents[1] ?? '').map(
    ([candidate, found]) => `the candidate ${short(candidate)} was merged ${found.length} times into ${trial.branch}`,
  );
  const effects = repeated(repository.entries, ({ ledger, trailers }) => `${trailers[KEY]?.[0] ?? ''} in ${ledger}`)
    .filter(([key]) => !key.startsWith(' in '))
    .map(
      ([key, found]) =>
        `the effect ${key} was left ${found.length} times: ${found.map(({ sha }) => short(sha)).join(', ')}`,
    );
  // A ledger's root is no effect: it is the same whoever makes it.
  const left = repository.entries.filter(({ parents }) => parents.length > 0);
  const places = [...left, ...merges.map((merge) => ({ ...merge, ledger: trial.branch }))];
  const keyless = places
    .filter(({ trailers }) => trailers[KEY] === undefined)
    .map(({ sha, ledger }) => `${short(sha)} in ${ledger} has no ${KEY}: nobody can find this effect again`);

  const said = runs.flatMap(({ workflowId, closing }) => {
    const { outcome, commit } = (closing?.result ?? {}) as { outcome?: string; commit?: string };
    return outcome === 'merged' ? [{ workflowId, commit }] : [];
  });
  const untrue = said
    .filter(({ commit }) => !merges.some(({ sha }) => sha === commit))
    .map(({ workflowId, commit }) => `${workflowId} says it merged ${short(commit)}, which is not on ${trial.branch}`);
  const unsaid = merges
    .filter(({ sha }) => !said.some(({ commit }) => commit === sha))
    .filter((merge) =>
      latest(runs).every(({ closing, workflowId }) => canSay(closing) || !milestoneOf(merge).startsWith(workflowId)),
    )
    .map(
      (merge) => `${milestoneOf(merge)} stands merged on ${trial.branch} as ${short(merge.sha)}, and no run says so`,
    );
  return [...twice, ...candidates, ...effects, ...keyless, ...untrue, ...unsaid];
}

/** One that is not over has not said it yet, and one that was terminated never will. */
const canSay = (closing: Run['closing']): boolean => closing !== undefined && closing.how !== 'terminated';
