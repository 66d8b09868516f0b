// Keeps a process of the demo up: started again when it dies, with a line that says so, until that happens too often.
import { setTimeout as pause } from 'node:timers/promises';
import { duration } from '../cli/amounts';
import { exitInWords, type Exit } from '../stack/guarded';
import { endOfLog } from '../stack/log-file';
import type { BringDown } from './bring-down';

const DEATHS_LIMIT = 10;
// What died along with it, and what it stood on, should be seen dead first.
const BREATH_MS = 300;

export type Running = { pid: number; log: string; exited: Promise<Exit> };

export type KeptUp = {
  /** The one that is up, once it is: it may be about to be. */
  up(): Promise<Running>;
  /** Fails when it cannot be kept up. */
  lost: Promise<never>;
};

type Keeping = {
  name: string;
  /** Resolves when it is ready to be used. */
  start(): Promise<Running>;
  /** Ends what was started last, also while it is getting ready. */
  stop(): Promise<unknown>;
  say(line: string): void;
  down: BringDown;
};

/** Resolves when it is up for the first time; that it fails to be is not tried again. */
export async function keepUp({ name, start, stop, say, down }: Keeping): Promise<KeptUp> {
  let closing = false;
  // Before there is anything to end: a Ctrl-C does not wait until it is ready.
  down.add(async () => {
    closing = true;
    await stop();
  });
  let current = start();
  await current;
  const lost = keep();
  lost.catch(() => undefined); // It may fail before anybody waits for that.
  return { up: () => current, lost };

  async function keep(): Promise<never> {
    for (let deaths = 1; ; deaths++) {
      const { how, why } = await endOf(current);
      if (closing) return new Promise<never>(() => undefined);
      if (deaths > DEATHS_LIMIT) throw new Error(`The ${name} has ended ${deaths} times, now ${how}. ${why}`);
      say(`! The ${name} has ended (${how}). Starting it again: nothing is lost.`);
      const began = Date.now();
      current = startAgain();
      const { pid } = await current.catch(() => ({ pid: undefined }));
      if (pid !== undefined) say(`✓ The ${name} is up again after ${duration(Date.now() - began)}, as process ${pid}.`);
    }
  }

  async function startAgain(): Promise<Running> {
    await pause(BREATH_MS);
    if (closing) throw new Error('everything is being ended');
    return start();
  }
}

async function endOf(current: Promise<Running>): Promise<{ how: string; why: string }> {
  try {
    const { exited, log } = await current;
    return { how: exitInWords(await exited), why: endOfLog(log) };
  } catch (error) {
    return { how: 'before it was ready', why: (error as Error).message };
  }
}
