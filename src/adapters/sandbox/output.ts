// Keeps the beginning and the end of a stream, whatever comes between.

export type KeptOutput = { add(chunk: Buffer): void; text(): string };

export function keepEnds(bytes: number): KeptOutput {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let dropped = 0;
  return {
    add(chunk) {
      const room = bytes - head.length;
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
      const rest = Buffer.concat([tail, chunk.subarray(Math.max(0, room))]);
      dropped += Math.max(0, rest.length - bytes);
      tail = Buffer.from(rest.subarray(Math.max(0, rest.length - bytes)));
    },
    text() {
      if (dropped === 0) return Buffer.concat([head, tail]).toString('utf8');
      return `${head.toString('utf8')}\n[… ${dropped} bytes left out …]\n${tail.toString('utf8')}`;
    },
  };
}
