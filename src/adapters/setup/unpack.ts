// Writes what a sandbox hands over into a folder: plain files, and links that stay in it. Nothing that it says of a place is believed.
import { closeSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const HEADER_LIMIT_BYTES = 8 * 1024;
const ENTRIES_LIMIT = 500_000;
const PATH_LIMIT_CHARS = 1_000;

const Header = z.union([
  z.strictObject({ path: z.string(), bytes: z.number().int().nonnegative(), executable: z.boolean() }),
  z.strictObject({ path: z.string(), link: z.string() }),
  z.strictObject({ end: z.number().int() }),
]);

export type Unpacked = { files: number; bytes: number };

/** Feed it with what comes; `end` says what there was, and throws where it was not whole. */
export function unpackInto(folder: string, limitBytes: number): { add(chunk: Buffer): void; end(): Unpacked } {
  let header = Buffer.alloc(0);
  let file: { descriptor: number; left: number } | undefined;
  let entries = 0;
  let bytes = 0;
  let whole = false;
  let failed: Error | undefined;
  const links: { path: string; link: string }[] = [];
  const folders = new Set<string>();

  const begin = (line: string) => {
    const told = Header.parse(JSON.parse(line));
    if (whole) throw new Error('more comes after its end');
    if ('end' in told) {
      if (told.end !== entries) throw new Error(`${entries} entries came of ${told.end}`);
      whole = true;
      return;
    }
    entries += 1;
    if (entries > ENTRIES_LIMIT) throw new Error(`it has more than ${ENTRIES_LIMIT} files`);
    if (!isInside(told.path)) throw new Error(`${JSON.stringify(told.path.slice(0, 100))} is no path in it`);
    if ('link' in told) return void links.push(told);
    bytes += told.bytes;
    if (bytes > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
    const place = path.join(folder, told.path);
    makeFolder(path.dirname(told.path));
    // `wx`: twice the same path is refused, and there is no link yet that could lead elsewhere.
    file = { descriptor: openSync(place, 'wx', told.executable ? 0o755 : 0o644), left: told.bytes };
    if (told.bytes === 0) close();
  };
  const makeFolder = (name: string) => {
    if (folders.has(name)) return;
    mkdirSync(path.join(folder, name), { recursive: true, mode: 0o755 });
    folders.add(name);
  };
  const close = () => {
    closeSync(file!.descriptor);
    file = undefined;
  };
  const take = (chunk: Buffer): Buffer => {
    if (file !== undefined) {
      const part = chunk.subarray(0, file.left);
      writeWhole(file.descriptor, part);
      file.left -= part.length;
      if (file.left === 0) close();
      return chunk.subarray(part.length);
    }
    const end = chunk.indexOf(10);
    header = Buffer.concat([header, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (header.length > HEADER_LIMIT_BYTES) throw new Error('a header of it is too long');
    if (end === -1) return Buffer.alloc(0);
    const line = header.toString();
    header = Buffer.alloc(0);
    begin(line);
    return chunk.subarray(end + 1);
  };

  return {
    add(chunk) {
      try {
        for (let rest = chunk; rest.length > 0 && failed === undefined;) rest = take(rest);
      } catch (error) {
        failed = error as Error;
      }
    },
    end() {
      if (file !== undefined) close();
      if (failed !== undefined) throw failed;
      if (!whole) throw new Error('it is cut off');
      for (const { path: name, link } of links) {
        makeFolder(path.dirname(name));
        const target = path.posix.join(path.posix.dirname(name), link);
        if (link.startsWith('/') || /^\.\.(\/|$)/.test(target)) throw new Error(`${name} leads out of it`);
        symlinkSync(link, path.join(folder, name));
      }
      return { files: entries, bytes };
    },
  };
}

const isInside = (name: string): boolean =>
  name.length <= PATH_LIMIT_CHARS &&
  !name.includes('\0') &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
