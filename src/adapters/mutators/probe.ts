// Tells the faults that can be seen from those that cannot, in one run of the sandbox: see inside/probe.mjs.
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Sandbox } from '../../activities/ports';
import type { Mutant, TriedFunction } from '../../domain/mutants';
import type { Exports } from './javascript';
import { copyTree } from './copies';

const REPORT = 3; // as in inside/probe.mjs
const SECONDS_AT_MOST = 90; // of the 120 that a run has
const inside = (file: string) => path.join(__dirname, 'inside', file);
const tools = ['probe.mjs', 'neighbours.mjs', 'evaluate.mjs', 'record.cjs'].map((file) => ({
  from: inside(file),
  to: `/millwright/${file}`,
}));

export type Seen = {
  /** Whether the tests came to the place of the fault. */
  reached: boolean;
  /** Of the calls like those of the tests, the share that the fault answers otherwise; null where none could be made. */
  differs: number | null;
};

const Report = z.object({
  functions: z.array(z.object({ file: z.string(), name: z.string(), calls: z.number(), arguments: z.number() })),
  mutants: z.array(z.object({ reached: z.boolean(), differs: z.number().min(0).max(1).nullable() })),
});

export type Probed = { seen: Seen[]; functions: TriedFunction[] };

type Input = {
  sandbox: Sandbox;
  folder: string;
  tests: readonly string[];
  mutants: readonly Mutant[];
  exports: ReadonlyMap<string, Exports>;
  seconds: number;
  signal?: AbortSignal;
};

/** Undefined where it has nothing to say: then every fault counts. */
export function probe({
  sandbox,
  folder,
  tests,
  mutants,
  exports,
  seconds,
  signal,
}: Input): Promise<Probed | undefined> {
  return sandbox.withFolder(async (place) => {
    const box = path.join(place, 'box');
    await copyTree(folder, box, new Map());
    const files = [];
    for (const [file, exported] of exports) {
      if (!/\.[cm]?js$/.test(file)) continue; // what has to be compiled first cannot be called here
      const own = ownName(file);
      await rename(path.join(box, file), path.join(box, own));
      await writeFile(path.join(box, file), standIn(file, path.posix.basename(own), exported));
      files.push({ path: file, own, isModule: exported.kind === 'module' });
    }
    const called = new Set(files.map((file) => file.path));
    const asked = mutants.filter(({ file }) => called.has(file));
    const within = Math.min(SECONDS_AT_MOST, Math.floor(seconds));
    if (files.length === 0 || within < 1) return undefined;
    const plan = path.join(place, 'plan.json');
    const faults = asked.map(({ file, start, end, replacement }) => ({ file, start, end, replacement }));
    await writeFile(plan, JSON.stringify({ tests, files, mutants: faults, seconds: within }));
    const { report } = await sandbox.run({
      command: ['node', '/millwright/probe.mjs'],
      folder: box,
      readOnly: [...tools, { from: plan, to: '/millwright/plan.json' }],
      reportDescriptor: REPORT,
      signal,
    });
    return understood(report, mutants, asked);
  });
}

function understood(report: string, mutants: readonly Mutant[], asked: readonly Mutant[]): Probed | undefined {
  const told = Report.safeParse(parsed(report));
  if (!told.success || told.data.mutants.length !== asked.length) return undefined;
  const of = new Map(asked.map((mutant, at) => [mutant, told.data.mutants[at]!]));
  const unknown = { reached: true, differs: null };
  return { seen: mutants.map((mutant) => of.get(mutant) ?? unknown), functions: told.data.functions };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Beside it, so that what it imports is where it was. */
const ownName = (file: string): string => file.replace(/(\.[cm]?js)$/, '.millwright-own$1');

/** What takes the file's place: it exports the same, and notes the calls. */
function standIn(file: string, own: string, exported: Exports): string {
  const from = JSON.stringify(`./${own}`);
  const name = JSON.stringify(file);
  if (exported.kind === 'script')
    return `module.exports = require('/millwright/record.cjs')(require(${from}), ${name});\n`;
  const one = (what: string) =>
    what === 'default'
      ? 'export default recorded.default;'
      : `export const ${what} = recorded[${JSON.stringify(what)}];`;
  return [
    `import * as own from ${from};`,
    "import record from '/millwright/record.cjs';",
    `const recorded = record(own, ${name});`,
    ...(exported.whole ? [] : [`export * from ${from};`]),
    ...exported.names.filter((what) => /^[A-Za-z_$][\w$]*$/.test(what)).map(one),
    '',
  ].join('\n');
}
