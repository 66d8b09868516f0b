// Colour for a person's terminal, and none anywhere else.

export const paints = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;
export type Paint = keyof typeof paints;

export function painter(color: boolean): (paint: Paint | undefined, text: string) => string {
  return (paint, text) =>
    color && paint !== undefined && text !== '' ? `\u001b[${paints[paint]}m${text}\u001b[0m` : text;
}

/** https://no-color.org */
export const wantsColor = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;
