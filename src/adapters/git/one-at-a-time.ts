// Work under one name, one after another within this process.
const last = new Map<string, Promise<unknown>>();

export function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const mine = (last.get(name) ?? Promise.resolve()).then(work);
  const settled = mine.then(
    () => undefined,
    () => undefined,
  );
  last.set(name, settled);
  void settled.then(() => last.get(name) === settled && last.delete(name));
  return mine;
}
