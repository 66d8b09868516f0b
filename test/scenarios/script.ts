// What the scripted model says in one run, by milestone and stage: a list that is used up call by call, or a function.
import type { Scenario, ScriptedAnswer, ScriptedCall } from '../../scripts/scripted-model/server';

type Answering = (call: ScriptedCall) => ScriptedAnswer | Promise<ScriptedAnswer>;
export type Script = Readonly<Record<string, readonly ScriptedAnswer[] | Answering>>;
/** By the milestone's id; the project's own stages stand under `project`, a milestone started alone under `milestone`. */
export type Scripts = Readonly<Record<string, Script>>;

/** A call that nothing is scripted for is answered with a failure that no retry cures: an extra call is a bug. */
export function scenarioOf(scripts: Scripts): Scenario {
  const used = new Map<string, number>();
  return (call) => {
    const name = `${call.milestone}/${call.stage}`;
    const answers = scripts[call.milestone]?.[call.stage];
    if (typeof answers === 'function') return answers(call);
    const times = used.get(name) ?? 0;
    used.set(name, times + 1);
    const answer = answers?.[times];
    if (answer === undefined) throw new Error(`the script of ${name} has run out after ${times}`);
    return answer;
  };
}

/** The first for the first round, and so on; the last for all further rounds. Asked again, it says the same again. */
export const byRound =
  (...answers: readonly ScriptedAnswer[]): Answering =>
  ({ iteration }) =>
    answers[Math.min(iteration, answers.length) - 1]!;

/** Nothing the first time that it is asked this, as of an endpoint that hangs; the next time this. */
export function silentOnce(answer: ScriptedAnswer) {
  let asked = () => {};
  const reached = new Promise<void>((resolve) => (asked = resolve));
  const say = ({ attempt }: ScriptedCall): ScriptedAnswer => {
    asked();
    return attempt === 1 ? { silence: true } : answer;
  };
  return { reached, say };
}

export const textOf = (call: { messages?: ScriptedCall['messages'] }): string =>
  (call.messages ?? []).map(({ content }) => content ?? '').join('\n');
