// A terminal on which the same lines are drawn over and over, in place; elsewhere, lines that follow each other.

export type Screen = {
  interactive: boolean;
  width: number;
  rows: number;
  /** Takes the place of what was drawn before; no lines at all only remove it. */
  draw(lines: readonly string[]): void;
  print(line: string): void;
};

const NARROWEST_COLUMNS = 40;
// In a file or a pipe nothing wraps by itself.
const UNKNOWN_COLUMNS = 120;

export function openScreen(output: NodeJS.WriteStream = process.stdout): Screen {
  let drawn = 0;
  return {
    interactive: output.isTTY === true,
    get width() {
      return Math.max(NARROWEST_COLUMNS, output.columns ?? UNKNOWN_COLUMNS);
    },
    get rows() {
      return (output.rows ?? Infinity) - 1; // the cursor's own
    },
    print: (line) => void output.write(`${line}\n`),
    draw(lines) {
      output.write(`${drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`}${lines.map((line) => `${line}\n`).join('')}`);
      drawn = lines.length;
    },
  };
}
