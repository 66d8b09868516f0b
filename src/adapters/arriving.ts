// The bytes of an answer, as they arrive, until a signal says that nobody waits for them any more.
/**
 * Node's own fetch hears its signal only until the garbage of the request is collected, which may be long before the last
 * byte: whoever stalls then would be waited for without end.
 */
export async function* arriving({ body }: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  const hangUp = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', hangUp, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

/** Its beginning: what is longer than this is read a little beyond it, and no further. */
export async function beginningOf(response: Response, limitBytes: number, signal: AbortSignal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of arriving(response, signal)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > limitBytes) break;
  }
  return Buffer.concat(pieces);
}
