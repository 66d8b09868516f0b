// What came of a skip: the stuck stage alone was left out, or its whole milestone or project with it, where what is merged needs it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Status } from '../../src/domain/status';
import { status as statusQuery } from '../../src/workflows/messages';
import { oneLine } from './safe-text';
import { ask, type Connected } from './server';

// A project that ends writes its report first.
const END_SECONDS = 20;
const LOOK_MS = 200;

export async function seeSkipped(server: Connected, before: Status): Promise<string> {
  const handle = server.client.workflow.getHandle(before.id);
  for (const deadline = Date.now() + END_SECONDS * 1000; Date.now() < deadline; await pause(LOOK_MS)) {
    const after = await ask(server, () => handle.query(statusQuery), 5).catch(() => undefined);
    const words = after === undefined ? undefined : skipWords(before, after);
    if (words !== undefined) return words;
  }
  return 'What comes of it is not known yet.';
}

/** Undefined while nothing has come of it. */
export function skipWords(before: Status, after: Status): string | undefined {
  const stage = stuckIn(before);
  if (after.stages.some(({ name, state }) => name === stage && state === 'skipped'))
    return `${oneLine(stage!)} is left out; nothing that is merged needs it, and the rest goes on.`;
  if (after.state !== 'skipped') return undefined;
  return after.kind === 'project'
    ? `The whole project ends here as skipped: it cannot go on without ${oneLine(stage ?? 'what is stuck')}.`
    : 'The whole milestone is left out: nothing of it is merged, and the milestones that depend on it are begun all the same.';
}

/** What waits for guidance begins with the stage that does. */
const stuckIn = ({ stages, waitingFor }: Status): string | undefined =>
  stages.find(({ name }) => waitingFor?.detail.startsWith(`${name} (`))?.name;
