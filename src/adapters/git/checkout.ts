// A repository on this machine that is a checkout of the branch: its files follow a merge, or are as they were.
import type { Mirror } from './mirror';

/**
 * git writes the files before it moves the branch. Where the branch did not move, because somebody else was quicker or
 * because git was killed, they are those of a merge that never was, and would be in the way of every further one.
 */
export async function putBack({ repository, run }: Mirror, ref: string, merged: string): Promise<void> {
  if (repository.path === undefined) return;
  const there = async (...args: string[]) => {
    const { code, stdout } = await run(['-C', repository.path!, ...args], { answers: [1, 128] });
    return code === 0 ? stdout.toString().trim() : undefined;
  };
  if ((await there('rev-parse', '--is-inside-work-tree', '--symbolic-full-name', 'HEAD')) !== `true\n${ref}`) return;
  if ((await there('write-tree')) !== merged || (await there('rev-parse', 'HEAD^{tree}')) === merged) return;
  // What somebody has changed by hand since is left alone: then nothing at all is put back.
  await there('read-tree', '-m', '-u', merged, 'HEAD');
}
