// Draws a tree of rows: guides on the left, names in a column, times and costs on the right, each line cut to the width.
import { painter, type Paint } from './colour';
import { cut, fill, widthOf } from './columns';

export type Row = { mark: string; paint?: Paint; name: string; text: string; right: string };
export type Branch = { row: Row; below: readonly Branch[] };

type Canvas = { width: number; color: boolean };

const NAME_LIMIT_COLUMNS = 24;

export function drawBranches(branches: readonly Branch[], canvas: Canvas): string[] {
  return branches.flatMap((branch) => draw(branch, '', '', widest([branch]), canvas));
}

function draw({ row, below }: Branch, guide: string, under: string, name: number, canvas: Canvas): string[] {
  const last = below.length - 1;
  const names = widest(below);
  const lines = below.flatMap((branch, at) =>
    draw(branch, `${under}${at === last ? '└ ' : '├ '}`, `${under}${at === last ? '  ' : '│ '}`, names, canvas),
  );
  return [line(row, guide, name, canvas), ...lines];
}

const widest = (branches: readonly Branch[]): number =>
  Math.min(NAME_LIMIT_COLUMNS, Math.max(0, ...branches.map(({ row }) => widthOf(row.name))));

function line({ mark, paint, name, text, right }: Row, guide: string, nameWidth: number, canvas: Canvas): string {
  const paintWith = painter(canvas.color);
  const label = name === '' ? '' : `${fill(name, nameWidth)}  `;
  const room = canvas.width - widthOf(guide) - 2 - widthOf(label) - (right === '' ? 0 : widthOf(right) + 1);
  const middle = right === '' ? cut(text, room) : `${fill(text, room)} `;
  const whole = [
    paintWith('dim', guide),
    paintWith(paint, mark),
    ' ',
    label,
    name === '' ? paintWith(paint, middle) : middle,
    paintWith('dim', right),
  ];
  // Too narrow for what cannot shrink: then the line is cut as it is, without colour.
  return room > 0 ? whole.join('').trimEnd() : cut(`${guide}${mark} ${name}`, canvas.width);
}
