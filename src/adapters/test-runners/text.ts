// Makes text from a sandbox fit to show: no escapes, no control characters, no more than a limit.

const ERROR_LIMIT_CHARS = 2_000;
const OMITTED = '\n[…]\n';
const OUTPUT_LIMIT_CHARS = 8_000;

/* eslint-disable no-control-regex */
const escapes =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[P^_X][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
/* eslint-enable no-control-regex */

export const clean = (text: string) => text.replace(/\r\n/g, '\n').replace(escapes, '').replace(controls, '');

/** An error: some say the most at their beginning, some at their end. */
export function trimError(text: string): string {
  const whole = clean(text).trim();
  if (whole.length <= ERROR_LIMIT_CHARS) return whole;
  const half = (ERROR_LIMIT_CHARS - OMITTED.length) / 2;
  return `${whole.slice(0, half)}${OMITTED}${whole.slice(-half)}`;
}

/** What was printed: its end says the most. */
export const lastOutput = (text: string) => clean(text).trim().slice(-OUTPUT_LIMIT_CHARS);

/** On one line, for names. */
export const oneLine = (text: string) => cut(clean(text).replace(/\s+/g, ' ').trim(), 300);

const cut = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
