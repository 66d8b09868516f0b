// What goes through a history has an end, however much there is of it.

/** The first of these, as far as there is room, and how many there are beside them. */
export function roomFor(all: readonly string[], limitChars: number): string[] {
  const told: string[] = [];
  let room = limitChars;
  for (const text of all) {
    if (text.length > room && told.length > 0) break;
    told.push(text.slice(0, room));
    room -= text.length;
  }
  const more = all.length - told.length;
  return more === 0 ? told : [...told, `and ${more} more`];
}
