// Tells the faults that can be seen from those that cannot, in one run of the sandbox: see inside/probe.mjs.
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Exports } from './javascript';
import { copyTree } from './copies';
import { SECONDS_AT_MOST, understood, type Probed, type ProbeInput } from './probed';

const REPORT = 3; // as in inside/probe.mjs
const inside = (file: string) => path.join(__dirname, 'inside', file);
const tools = ['probe.mjs', 'neighbours.mjs', 'evaluate.mjs', 'record.cjs'].map((file) => ({
  from: inside(file),
  to: `/millwright/${file}`,
}));

type Input = ProbeInput & { exports: ReadonlyMap<string, Exports> };

/** Undefined where it has nothing to say: then every fault counts. */
export function probeJavaScript({
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
    const result = await sandbox.run({
      command: ['node', '/millwright/probe.mjs'],
      folder: box,
      readOnly: [...tools, { from: plan, to: '/millwright/plan.json' }],
      reportDescriptor: REPORT,
      signal,
    });
    return understood(result, mutants, asked);
  });
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
