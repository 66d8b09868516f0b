// Text that is longer than the screen, a page at a time.
import { widthOf } from '../cli/columns';

type Reader = {
  /** Gets an answer from the person: anything but an empty one ends it. */
  ask(question: string): Promise<string>;
  /** As late as it is printed: what colours take is no width. */
  paint(line: string): string;
};

export async function showPages(lines: readonly string[], { ask, paint }: Reader): Promise<void> {
  const [columns, rows] = [process.stdout.columns || 80, process.stdout.rows || 24];
  let room = rows - 1;
  for (const [at, line] of lines.entries()) {
    room -= Math.max(1, Math.ceil(widthOf(line) / columns));
    if (room < 0) {
      if ((await ask(`  line ${at} of ${lines.length}: Enter for more, q to stop `)) !== '') return;
      room = rows - 2;
    }
    process.stdout.write(`${paint(line)}\n`);
  }
}
