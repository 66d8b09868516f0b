// Asks the person at the terminal before something that cannot be taken back. Where there is no terminal, the command is the answer.
import { createInterface } from 'node:readline/promises';
import { Ended, exitCodes } from './exit-codes';

export async function confirm(question: string, { yes }: { yes?: boolean }): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stdout.isTTY) return;
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(`${question} [y/N] `).catch(() => ''); // Ctrl-C and Ctrl-D are no yes
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    reader.close();
  }
  throw new Ended(exitCodes.refused, 'Nothing was sent.');
}
