// I5, contained: a secret that the workers hold is nowhere that they write, and nothing got out of a sandbox.
import type { Evidence } from '../evidence';
import type { Words } from './words';

export function contained({ trial, runs, repository, calls, logs, sandbox, seen }: Evidence): Words {
  const { canaries, packets } = trial;
  if (canaries.length === 0) return ['no secret was planted in this trial: it shows nothing'];
  const texts = canaries.flatMap((canary) => [canary, Buffer.from(canary).toString('base64')]);
  const holds = (text: string): boolean => texts.some((canary) => text.includes(canary));
  const told = calls.find((call) => holds(JSON.stringify(call)));
  const prompts = calls.filter(({ messages }) => messages === undefined).length;
  return [
    ...runs
      .filter(({ payloads, exported }) => payloads.some(holds) || holds(JSON.stringify(exported)))
      .map(({ workflowId }) => `the history of ${workflowId} holds a secret`),
    ...(repository.holding(texts).length > 0 ? ['an object of the repository holds a secret'] : []),
    ...(told === undefined ? [] : [`the model was told a secret, in ${told.key}`]),
    ...(prompts === 0 ? [] : [`of ${prompts} calls nobody knows what the model was told: it shows nothing`]),
    ...logs.filter(({ text }) => holds(text)).map(({ name }) => `${name} holds a secret`),
    ...(holds(JSON.stringify(sandbox)) ? ['a command in a sandbox was given a secret'] : []),
    ...seen
      .filter((one) => holds(JSON.stringify(one)))
      .map(({ workflowId }) => `the panel of ${workflowId} shows a secret`),
    ...(packets === 0 ? [] : [`${packets} connections reached the host from a sandbox`]),
  ];
}
