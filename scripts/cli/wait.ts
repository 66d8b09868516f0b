// The way of `--wait`: follows a run to its end, and ends as it did.
import { workflowLink } from '../stack/connection';
import { exitCodeOf } from './ending';
import { Ended, exitCodes } from './exit-codes';
import { oneLine, safeJson } from './safe-text';
import { openScreen } from './screen';
import type { Connected } from './server';
import type { Sight } from './sight';
import { watchRun } from './watch';

const ACCOUNT_MS = 10 * 60_000;

export async function waitForEnd(server: Connected, id: string, json = false): Promise<void> {
  const screen = openScreen(json ? process.stderr : process.stdout);
  const sight = await watchRun(server, id, screen, ACCOUNT_MS);
  if (json) console.log(safeJson(endOf(sight, workflowLink(server.uiUrl, server.namespace, id))));
  else console.log(`\nThe report: npm run report -- ${id}`);
  conclude(sight);
}

function endOf({ id, state, failure, status }: Sight, ui: string) {
  const milestones = status?.milestones.map(({ id, state, reason }) => ({ id, state, reason })) ?? [];
  return { workflowId: id, ui, state, failure, milestones };
}

function conclude(sight: Sight): void {
  const { id, state, failure, status, silence = '' } = sight;
  const code = exitCodeOf(sight);
  if (code === exitCodes.done) return;
  const ended = `${id} has ended (${oneLine(failure ?? status?.reason ?? state)})`;
  const words =
    code === exitCodes.unanswered
      ? `${ended}, and nobody tells what was merged: ${oneLine(silence)}. Then: npm run status -- ${id}`
      : `${ended}, and not everything was merged.`;
  throw new Ended(code, words);
}
