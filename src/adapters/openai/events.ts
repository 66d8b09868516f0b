// Reads a body under a limit: as server-sent events, or as one text.

/** More than the call allows: what follows is not read. */
export class Oversized extends Error {}

type Bytes = AsyncIterable<Uint8Array>;

/** The data of each event. A whole line is a sign of life, comments included; single bytes dripping in are not. */
export async function* eventsOf(bytes: Bytes, limitChars: number, onLine: () => void): AsyncGenerator<string> {
  let data = '';
  for await (const line of linesOf(bytes, limitChars)) {
    onLine();
    if (line.startsWith('data:')) data += `${line.slice('data:'.length)}\n`;
    if (data.length > limitChars) throw new Oversized('an event without end');
    if (line !== '') continue;
    if (data.trim() !== '') yield data.trim();
    data = '';
  }
  // An event that lacks its blank line was cut.
}

async function* linesOf(bytes: Bytes, limitChars: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > limitChars) throw new Oversized('a line without end');
  }
}

/** The whole body as text; `onText` hears its length as it grows. */
export async function textOf(bytes: Bytes, limitChars: number, onText: (chars: number) => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) {
    text += decoder.decode(chunk, { stream: true });
    onText(text.length);
    if (text.length > limitChars) throw new Oversized('a body without end');
  }
  return text;
}
