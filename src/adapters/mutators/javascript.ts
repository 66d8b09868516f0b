// Makes the mutants of JavaScript and TypeScript: a process of its own, because what it parses was written by a model.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import type { ChangedFile, Mutant } from '../../domain/mutants';

const SCRIPT = path.join(__dirname, 'inside', 'mutate.mjs');
const LIMIT_MS = 60_000;
const MEMORY_MIB = 1_024;

export const Exports = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('script') }),
  z.object({ kind: z.literal('module'), names: z.array(z.string()), whole: z.boolean() }),
]);
export type Exports = z.infer<typeof Exports>;

const Made = z.array(
  z.object({
    mutants: z.array(
      z.object({
        kind: z.string(),
        line: z.number(),
        start: z.number(),
        end: z.number(),
        replacement: z.string(),
      }),
    ),
    exports: Exports.optional(),
    trouble: z.string().optional(),
  }),
);

export type MadeMutants = {
  mutants: Mutant[];
  /** What each file exports, where that can be told. */
  exports: Map<string, Exports>;
  /** Files without any, and why. */
  untried: string[];
};

export const isJavaScript = (file: string): boolean => /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts');

export async function javaScriptMutants(files: readonly ChangedFile[], signal?: AbortSignal): Promise<MadeMutants> {
  const all: MadeMutants = { mutants: [], exports: new Map(), untried: [] };
  if (files.length === 0) return all;
  const answer = await ask(JSON.stringify(files.map(({ path: file, content }) => ({ path: file, content }))), signal);
  if (answer === undefined)
    return { ...all, untried: files.map((file) => `${file.path}: its mutants could not be made in time`) };
  Made.parse(JSON.parse(answer)).forEach(({ mutants, exports, trouble }, at) => {
    const { path: file, content, lines } = files[at]!;
    if (trouble !== undefined) all.untried.push(`${file}: it does not parse: ${trouble}`);
    if (exports !== undefined) all.exports.set(file, exports);
    const changed = new Set(lines);
    for (const mutant of mutants)
      if (changed.has(mutant.line))
        all.mutants.push({ ...mutant, file, original: content.slice(mutant.start, mutant.end) });
  });
  return all;
}

/** Its answer; undefined where it has none in its time, or in its memory. */
function ask(input: string, signal?: AbortSignal): Promise<string | undefined> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MEMORY_MIB}`, SCRIPT], {
    ...{
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'] as const,
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined); // it has ended: its exit code says so
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? Buffer.concat(chunks).toString() : undefined));
  });
}
