// Asks the person at the terminal before something that cannot be taken back. Where there is no terminal, the command is the answer.
import { createInterface } from 'node:readline/promises';
import { Ended, exitCodes } from './exit-codes';

/** Whether anybody sits there who can answer. */
export const isAsked = (): boolean => Boolean(process.stdin.isTTY && process.stdout.isTTY);

export async function confirm(question: string, { yes }: { yes?: boolean }): Promise<void> {
  if (yes || !isAsked()) return;
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(`${question} [y/N] `).catch(() => ''); // Ctrl-C and Ctrl-D are no yes
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    reader.close();
  }
  throw new Ended(exitCodes.refused, 'Nothing was sent.');
}
