// Reads a target repository from here, for people's eyes: through the same adapter, and the same mirrors, as the workers.
import { createGit } from '../../src/adapters/git/create-git';
import type { Status } from '../../src/domain/status';
import { readConfig } from '../../src/workers/config';
import { Ended, exitCodes } from './exit-codes';
import type { Changes } from './subject-lines';

const READ_SECONDS = 30;

export function gitHere(): ReturnType<typeof createGit> {
  try {
    return createGit({ home: readConfig().home });
  } catch (error) {
    throw new Ended(exitCodes.usage, (error as Error).message);
  }
}

export async function readChanges({ repository, base }: Status, candidate: string): Promise<Changes> {
  if (base === undefined) return { unread: 'its base is not known' };
  const { trees } = gitHere();
  return patiently(trees.diff(repository, base, candidate)).catch((error: unknown) => ({
    unread: error instanceof Error ? error.message : String(error),
  }));
}

export async function patiently<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${READ_SECONDS} seconds`)), READ_SECONDS * 1000);
  });
  return Promise.race([reading, tooLong]).finally(() => clearTimeout(timer));
}
