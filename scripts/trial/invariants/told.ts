// I8, told: what became of a run, and why, is in the search attributes, in the panel of the UI, in the failure's type and in
// the exit code; and all of them say what the history says.
import type { Evidence, Seen } from '../evidence';
import type { Run } from '../history';
import { latest, type Words } from './words';

const DELIVERED = ['merged', 'complete'];
/** How Temporal says it, and how Millwright does. */
const ENDINGS: Readonly<Record<string, string>> = { canceled: 'abandoned' };
const [DONE, UNFINISHED] = [0, 6];

export function told({ runs, seen, trial }: Evidence): Words {
  return latest(runs).flatMap((run) => {
    const shown = seen.find(({ workflowId }) => workflowId === run.workflowId);
    if (shown === undefined) return [`nobody looked at what ${run.workflowId} shows`];
    return untold(run, shown, trial.started.includes(run.workflowId)).map((why) => `${run.workflowId} ${why}`);
  });
}

function untold({ closing, attributes }: Run, shown: Seen, started: boolean): Words {
  if (closing?.how === 'continued as new') return [];
  const waits = typeof attributes.MillwrightWaitingFor === 'string' ? attributes.MillwrightWaitingFor : undefined;
  const result = closing?.result as { outcome?: string; reason?: string } | undefined;
  const outcome =
    closing === undefined ? (waits ? 'waiting' : 'running') : (result?.outcome ?? ENDINGS[closing.how] ?? closing.how);
  const good = DELIVERED.includes(outcome);
  const expected = good ? DONE : UNFINISHED;
  const wrongCode =
    started && closing !== undefined && shown.exitCode !== expected
      ? [`is ${outcome}, and the exit code of \`status --wait\` is ${shown.exitCode}, not ${expected}`]
      : [];
  // Nothing of ours was asked: that it is over, and by whom, only Temporal says.
  if (closing?.how === 'terminated') return wrongCode;
  const words: Words = [];
  if (closing?.failure !== undefined && !closing.failure.type) words.push('failed, and its failure has no type');
  if (closing?.failure === undefined && shown.attributes.MillwrightState !== outcome)
    words.push(`is ${outcome}, and is listed as ${shown.attributes.MillwrightState ?? 'nothing'}`);
  if ((shown.attributes.MillwrightWaitingFor ?? '') !== (closing === undefined ? (waits ?? '') : ''))
    words.push(
      `is listed as waiting for ${shown.attributes.MillwrightWaitingFor ?? 'nothing'}, and waits for ${waits ?? 'nothing'}`,
    );
  if (closing !== undefined && closing.how === 'completed' && !good && !result?.reason)
    words.push(`is ${outcome}, and says no reason`);
  if (closing?.how === 'completed' && !shown.details.includes(`— ${outcome}`))
    words.push(`is ${outcome}, and its panel does not say so`);
  if (!good && result?.reason && !shown.details.includes(plain(result.reason)))
    words.push(`is ${outcome}, and its panel does not say why: ${result.reason}`);
  return [...words, ...wrongCode];
}

/** As far as Markdown leaves it alone. */
const plain = (reason: string): string => /^[\w ,.;:-]{0,60}/.exec(reason)?.[0] ?? '';
