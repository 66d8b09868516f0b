// What goes through a history has an end, however much there is of it.

/** The first of these, as long as there is room, and how many there are beside them. */
export function roomFor(all: readonly string[], limitChars: number): string[] {
  let room = limitChars;
  const over = all.findIndex((text) => (room -= text.length) < 0);
  return over === -1 ? [...all] : [...all.slice(0, over), `and ${all.length - over} more`];
}
