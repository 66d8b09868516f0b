// Follows a run to its end: redrawn in place on a terminal, otherwise a line for each change. A server that is away for a while is waited for.
import { setTimeout as pause } from 'node:timers/promises';
import { changedLines, standingOf, type Standing } from './changes';
import { wantsColor } from './colour';
import type { Screen } from './screen';
import { isUnreached, type Connected } from './server';
import { seeRun, type Memory, type Sight } from './sight';
import { viewLines } from './view';
import { nextSteps, waitsOf } from './waits';

const LOOK_MS = 1_000;
const AWAY_LIMIT_MS = 10 * 60_000;

export async function watchRun(server: Connected, id: string, screen: Screen): Promise<Sight> {
  const memory: Memory = new Map();
  const show = screen.interactive ? redrawing(screen) : telling(screen);
  for (let heard = Date.now(); ; await pause(LOOK_MS)) {
    const sight = await seeRun(server, id, memory).catch((error: unknown) => {
      if (!isUnreached(error) || Date.now() - heard > AWAY_LIMIT_MS) throw error;
      return undefined;
    });
    show(sight);
    if (sight?.over) return sight;
    if (sight !== undefined) heard = Date.now();
  }
}

type Show = (sight: Sight | undefined) => void;
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
  let before: Standing = new Map();
  return (sight) => {
    const after = standingIn(sight, before);
    const lines = changedLines(before, after);
    before = after;
    const time = new Date().toLocaleTimeString('en-GB');
    for (const line of lines) screen.print(`${time} ${line}`);
  };
}

function standingIn(sight: Sight | undefined, before: Standing): Standing {
  if (sight === undefined) return new Map([...before, ['the server', AWAY]]);
  const { id, status, milestones, state, silence = '' } = sight;
  if (status === undefined) return new Map([...before, [id, `${state} (${silence})`]]);
  const steps = nextSteps(waitsOf(status, milestones)).map((step): [string, string] => [`→ ${step}`, '']);
  return new Map([...standingOf(status, milestones), ...steps]);
}
