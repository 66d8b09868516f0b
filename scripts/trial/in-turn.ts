// Many pieces of work, so many of them at once.

/** Until nothing is left, or it is over: then no more is begun, and what was under way is not told any more. */
export async function inTurn<T, R>(
  all: readonly T[],
  { atOnce, over }: { atOnce: number; over: () => boolean },
  work: (one: T) => Promise<R>,
  done: (result: R) => void,
): Promise<void> {
  const left = [...all];
  const serve = async () => {
    while (left.length > 0 && !over()) {
      const result = await work(left.shift()!);
      if (!over()) done(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, serve));
}
