// The demo's screen: lines that stay, and below them the tree, redrawn in place; without a terminal a line for each change.
import type { Status } from '../../src/domain/status';
import { changedLines, standingOf, type Standing } from '../cli/changes';
import { painter, wantsColor, type Paint } from '../cli/colour';
import { cut, wrap } from '../cli/columns';
import type { Retry } from '../cli/retries';
import { openScreen } from '../cli/screen';
import { drawTree } from '../cli/tree';

const WIDEST_COLUMNS = 100;

export type Standings = { status: Status; milestones: readonly Status[]; retries: readonly Retry[] };

export type Display = {
  width: number;
  paint(paint: Paint, text: string): string;
  /** Lines that stay, broken at the width, above the tree. */
  say(text: string, paint?: Paint): void;
  show(standings: Standings, note?: string): void;
  /** Takes the tree away while a person is asked, and keeps back what others say meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Leaves the tree where it is. */
  settle(): void;
};

export function openDisplay(): Display {
  const color = wantsColor();
  const paint = painter(color);
  let screen = openScreen();
  let drawn: readonly string[] = [];
  let before: Standing = new Map();
  let heldBack: (() => void)[] | undefined;

  const redraw = (lines: readonly string[]) => {
    drawn = lines;
    if (screen.interactive) screen.draw(lines);
  };
  const print = (text: string, colour?: Paint) => {
    const tree = drawn;
    redraw([]);
    for (const line of wrapped(text, columns())) screen.print(paint(colour, line));
    redraw(tree);
  };
  const columns = () => Math.min(WIDEST_COLUMNS, screen.width);

  return {
    get width() {
      return columns();
    },
    paint,
    say: (text, colour) => {
      if (heldBack === undefined) print(text, colour);
      else heldBack.push(() => print(text, colour));
    },
    show: ({ status, milestones, retries }, note) => {
      if (!screen.interactive) {
        const after = standingOf(status, milestones);
        for (const line of changedLines(before, after)) screen.print(line);
        before = after;
      } else if (heldBack === undefined) {
        const options = { width: columns(), rows: screen.rows - 3, now: new Date(), color, retries };
        const below = note === undefined ? [] : [paint('yellow', cut(note, columns()))];
        redraw(['', ...drawTree(status, milestones, options), ...below]);
      }
    },
    alone: async (work) => {
      heldBack = [];
      redraw([]);
      try {
        return await work();
      } finally {
        const held = heldBack;
        heldBack = undefined;
        held.forEach((say) => say());
      }
    },
    settle: () => {
      screen = openScreen();
      drawn = [];
    },
  };
}

/** Broken at the width, with what follows a line's first words hanging below them. */
function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const indent = /^ */.exec(line)![0];
    const [first = '', ...rest] = wrap(line.trimStart(), width - indent.length);
    return [indent + first, ...rest.map((more) => indent + more)];
  });
}
