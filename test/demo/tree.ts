// A tree of files in memory: changed by artifacts, and tested in a folder of its own.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Artifact } from '../../src/domain/artifacts';
import { isTestFile, pathObjection } from '../../src/domain/paths';

export type Tree = ReadonlyMap<string, string>;
export const empty: Tree = new Map();

export type Run = { passed: string[]; failed: string[]; coverage: number };

const RUN_LIMIT_MS = 60_000;

/** As the product applies a change: whole files, then edits whose text occurs once, then deletions; never a test. */
export function applyChange(tree: Tree, { files, edits, deletions }: Artifact<'Change'>): Tree {
  const next = new Map(tree);
  for (const path of [...files, ...edits].map((each) => each.path).concat(deletions)) {
    expect([path, pathObjection(path), isTestFile(path)]).toEqual([path, undefined, false]);
  }
  for (const { path, content } of files) next.set(path, content);
  for (const { path, find, replace } of edits) {
    const parts = (next.get(path) ?? '').split(find);
    expect([path, find, parts.length - 1]).toEqual([path, find, 1]);
    next.set(path, parts.join(replace));
  }
  for (const path of deletions) expect(next.delete(path)).toBe(true);
  return next;
}

/** As the product adds tests: new test files only. */
export function addTests(tree: Tree, { files, deletions }: Artifact<'TestSuite'>): Tree {
  expect(deletions).toEqual([]);
  const next = new Map(tree);
  for (const { path, content } of files) {
    expect([path, pathObjection(path), isTestFile(path), next.has(path)]).toEqual([path, undefined, true, false]);
    next.set(path, content);
  }
  return next;
}

/** The paths where two trees differ. */
export const changed = (one: Tree, other: Tree): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path)).sort();

const known = new Map<string, Promise<Run>>();

/** `node --test` over the whole tree, or over some of its files; once for each code, whatever pages lie beside it. */
export function run(tree: Tree, only: readonly string[] = []): Promise<Run> {
  const code = [...tree]
    .filter(([path]) => /\.mjs$|^package\.json$/.test(path))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const key = JSON.stringify([code, only]);
  const found = known.get(key) ?? runAnew(tree, only);
  known.set(key, found);
  return found;
}

async function runAnew(tree: Tree, only: readonly string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-demo-'));
  try {
    for (const [path, content] of tree) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return readTap(await nodeTest(folder, only));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function nodeTest(folder: string, only: readonly string[]): Promise<string> {
  const command = ['--test', '--test-reporter=tap', '--experimental-test-coverage', ...only];
  const options = { cwd: folder, env: { PATH: process.env.PATH }, timeout: RUN_LIMIT_MS };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, options, (error, stdout) => {
      if (error?.killed) reject(new Error(`the tests did not end within ${RUN_LIMIT_MS} ms:\n${stdout}`));
      else resolve(stdout);
    });
  });
}

function readTap(report: string): Run {
  const named = (pattern: RegExp) => [...report.matchAll(pattern)].map((match) => match[1]!);
  const passed = named(/^ok \d+ - (.*)$/gm);
  const failed = named(/^not ok \d+ - (.*)$/gm);
  expect(`1..${passed.length + failed.length}`).toBe(/^1\.\.\d+$/m.exec(report)?.[0]);
  return { passed, failed, coverage: Number(/^# all files\s*\|\s*([\d.]+)/m.exec(report)?.[1]) };
}
