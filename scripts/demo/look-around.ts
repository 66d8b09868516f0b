// --keep: everything stays up until Ctrl-C, and this is how to look at it.
import { exitCodes } from '../cli/exit-codes';
import type { BringDown } from './bring-down';
import type { Display } from './display';

type Kept = { link: string; address: string; namespace: string; id: string; repository: string };

export function lookAround(
  { link, address, namespace, id, repository }: Kept,
  delivered: boolean,
  { display, down }: { display: Display; down: BringDown },
): Promise<never> {
  const there = `TEMPORAL_ADDRESS=${address}${namespace === 'default' ? '' : ` TEMPORAL_NAMESPACE=${namespace}`}`;
  down.leaveWith(delivered ? exitCodes.done : exitCodes.failed);
  display.say('\nEverything is still up, until Ctrl-C. To look around, from another terminal:', 'bold');
  for (const line of [
    `  ${link}`,
    `  git clone ${repository} delivered`,
    `  ${there} npm run status -- ${id}`,
    `  ${there} npm run report -- ${id}`,
  ])
    display.say(line);
  return new Promise<never>(() => undefined);
}
