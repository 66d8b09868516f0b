// Makes the mutants of JavaScript and TypeScript: a process of its own, because what it parses was written by a model.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import type { ChangedFile } from '../../domain/mutants';
import { Made, madeOf, type MadeMutants } from './made';

const SCRIPT = path.join(__dirname, 'inside', 'mutate.mjs');
const LIMIT_MS = 60_000;
const MEMORY_MIB = 1_024;

export const Exports = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('script') }),
  z.object({ kind: z.literal('module'), names: z.array(z.string()), whole: z.boolean() }),
]);
export type Exports = z.infer<typeof Exports>;

const Answer = z.array(Made.extend({ exports: Exports.optional() }));

/** And what each file exports, where that can be told. */
export type MadeJavaScript = MadeMutants & { exports: Map<string, Exports> };

export const isJavaScript = (file: string): boolean => /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts');

export async function javaScriptMutants(files: readonly ChangedFile[], signal?: AbortSignal): Promise<MadeJavaScript> {
  if (files.length === 0) return { mutants: [], untried: [], exports: new Map() };
  const answer = await ask(JSON.stringify(files.map(({ path: file, content }) => ({ path: file, content }))), signal);
  const made = answer === undefined ? undefined : Answer.parse(JSON.parse(answer));
  const exported = (made ?? []).map(({ exports }, at) => [files[at]!.path, exports] as const);
  return {
    ...madeOf(files, made),
    exports: new Map(exported.filter((one): one is [string, Exports] => one[1] !== undefined)),
  };
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
