// How a verb ends, for scripts to tell apart: the same numbers in every verb, each with its words.

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  unanswered: 5,
  unfinished: 6,
  unprotected: 7,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'done, or the decision was accepted',
  failed: 'something unexpected failed',
  usage: 'wrong usage, or input that cannot work',
  refused: 'the decision was not accepted',
  notFound: 'there is no such run',
  unanswered: 'nobody answers: no server, or no worker that can',
  unfinished: '--wait: it ended, and not everything was merged',
  unprotected: 'doctor: something is missing',
};

export const exitCodesText = (Object.keys(exitCodes) as (keyof typeof exitCodes)[])
  .map((name) => `  ${exitCodes[name]}  ${meanings[name]}`)
  .join('\n');

/** An end that was foreseen: what happened, to what, and what to do next, in one line and without a stack trace. */
export class Ended extends Error {
  constructor(
    readonly code: ExitCode,
    message: string,
  ) {
    super(message);
  }
}
