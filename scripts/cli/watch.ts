// Follows a run to its end, or the list of all for as long as somebody looks: redrawn in place on a terminal, otherwise a line for each change. A server that is away for a while is waited for.
import { setTimeout as pause } from 'node:timers/promises';
import { changedLines, standingOf, type Standing } from './changes';
import { wantsColor } from './colour';
import { drawInbox, NOTHING_YET, readInbox, type InboxEntry } from './inbox';
import { oneLine } from './safe-text';
import type { Screen } from './screen';
import { isUnreached, type Connected } from './server';
import { isMute, seeRun, type Memory, type Sight } from './sight';
import { viewLines } from './view';
import { nextSteps, waitsOf } from './waits';

const LOOK_MS = 1_000;
const AWAY_LIMIT_MS = 10 * 60_000;

/** Only a worker can tell what came of a run that has ended: so long one is waited for that is busy, or on its way. */
export async function watchRun(server: Connected, id: string, screen: Screen, patienceMs = 0): Promise<Sight> {
  const memory: Memory = new Map();
  const show = screen.interactive ? redrawing(screen) : telling(screen);
  for (let heard = Date.now(); ; await pause(LOOK_MS)) {
    const sight = await seeRun(server, id, memory).catch((error: unknown) => away(error, heard));
    show(sight);
    if (sight === undefined) continue;
    if (!isMute(sight)) heard = Date.now();
    if (sight.over && (!isMute(sight) || Date.now() - heard >= patienceMs)) return sight;
  }
}

/** Projects come and go: only who looks can end it. */
export async function watchInbox(server: Connected, screen: Screen): Promise<never> {
  const show = screen.interactive ? redrawingList(screen) : tellingList(screen);
  for (let heard = Date.now(); ; await pause(LOOK_MS)) {
    const entries = await readInbox(server).catch((error: unknown) => away(error, heard));
    show(entries);
    if (entries !== undefined) heard = Date.now();
  }
}

function away(error: unknown, heard: number): undefined {
  if (!isUnreached(error) || Date.now() - heard > AWAY_LIMIT_MS) throw error;
}

type Show = (sight: Sight | undefined) => void;
type ShowList = (entries: readonly InboxEntry[] | undefined) => void;
const AWAY = 'does not answer at the moment; asking again …';

function redrawing(screen: Screen): Show {
  let last: Sight | undefined;
  return (sight) => {
    last = sight ?? last;
    const { width, rows } = screen;
    const options = { width, rows: rows - 1, now: new Date(), color: wantsColor() };
    const lines = last === undefined ? [] : viewLines(last, options);
    screen.draw(sight === undefined ? [...lines, `The server ${AWAY}`] : lines);
  };
}

function telling(screen: Screen): Show {
  const tell = changesOn(screen);
  return (sight) => tell((before) => standingIn(sight, before));
}

function redrawingList(screen: Screen): ShowList {
  let last: readonly InboxEntry[] = [];
  return (entries) => {
    last = entries ?? last;
    const lines = drawInbox(last, new Date(), screen.width, wantsColor()).slice(0, screen.rows - 1);
    screen.draw(entries === undefined ? [...lines, `The server ${AWAY}`] : lines);
  };
}

function tellingList(screen: Screen): ShowList {
  const tell = changesOn(screen);
  return (entries) =>
    tell((before) => (entries === undefined ? new Map([...before, ['the server', AWAY]]) : standingOfAll(entries)));
}

const standingOfAll = (entries: readonly InboxEntry[]): Standing =>
  new Map(
    entries.length === 0
      ? [[NOTHING_YET, '']]
      : entries.map(({ id, state, waitsFor }) => [oneLine(id), [state, ...waitsFor.map(waitWords)].join('; ')]),
  );

const waitWords = ({ id, reason }: InboxEntry['waitsFor'][number]) => `waits for ${oneLine(reason)}: ${oneLine(id)}`;

/** A line for each change against what was before. */
function changesOn(screen: Screen) {
  let before: Standing = new Map();
  return (look: (before: Standing) => Standing) => {
    const after = look(before);
    const lines = changedLines(before, after);
    before = after;
    const time = new Date().toLocaleTimeString('en-GB');
    for (const line of lines) screen.print(`${time} ${line}`);
  };
}

function standingIn(sight: Sight | undefined, before: Standing): Standing {
  if (sight === undefined) return new Map([...before, ['the server', AWAY]]);
  const { id, status, milestones, state, silence = '' } = sight;
  if (status === undefined) return new Map([...before, [id, `${oneLine(state)} (${oneLine(silence)})`]]);
  const steps = nextSteps(waitsOf(status, milestones)).map((step): [string, string] => [`→ ${step}`, '']);
  const stalled = (sight.stalled ?? []).map(({ run, why }): [string, string] => [`${run} stands still`, oneLine(why)]);
  return new Map([...standingOf(status, milestones), ...stalled, ...steps]);
}
