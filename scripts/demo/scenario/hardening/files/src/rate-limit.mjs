// Counts by client in windows of fixed length. All windows end together, so that old counts go in one stroke and the
// memory is bounded by the clients of one window.

export function createRateLimit({ limit, windowMs, now }) {
  const counts = new Map();
  let endsAt = 0;

  return {
    /** Counts one more; `remaining` is under 0 when that was too much. */
    count(client) {
      if (now() >= endsAt) {
        counts.clear();
        endsAt = now() + windowMs;
      }
      const used = (counts.get(client) ?? 0) + 1;
      counts.set(client, used);
      return { remaining: limit - used, resetSeconds: Math.ceil((endsAt - now()) / 1000) };
    },
  };
}
