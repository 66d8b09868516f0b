// The pages that are generated say what the code says, and the others name what is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedPages } from '../scripts/docs/pages';
import { loadPipelines, ROOT } from '../scripts/docs/definitions';

const pages = ['README.md', ...pagesIn('docs'), ...pagesIn('docs/pipelines')];

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);
}

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

test.each(Object.entries(generatedPages()))('%s is what `npm run docs` writes', (page, text) => {
  expect(textOf(page)).toBe(text);
});

test.each(pages)('%s links to nothing that is not there', (page) => {
  const targets = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
  const own = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(own.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});

test.each(pages)('%s names no file of the code that is not there', (page) => {
  const named = [...textOf(page).matchAll(/`((?:src|scripts|test|agents|pipelines|docs)\/[\w./-]*\w)`/g)];
  const missing = named.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file)));
  expect(missing).toEqual([]);
});

test.each(pages)('%s names no verb that there is not', (page) => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: object };
  const named = [...textOf(page).matchAll(/\bnpm run ([a-z:-]+[a-z])/g)].map(([, verb]) => verb!);
  expect(named.filter((verb) => !(verb in scripts))).toEqual([]);
});

test('every reason for which a shipped pipeline asks a person is in the table of reasons', () => {
  const told = textOf('docs/operating.md');
  const asked = loadPipelines().flatMap(({ retry, stages }) => [
    ...(retry === undefined ? [] : [...retry.on, 'unavailable']),
    ...Object.values(stages).flatMap(({ onRework }) =>
      Object.entries(onRework?.except ?? {}).flatMap(([cause, to]) => (to === 'escalate' ? [cause] : [])),
    ),
  ]);
  const stages = new Set(loadPipelines().flatMap((pipeline) => Object.keys(pipeline.stages)));
  const reasons = asked.map((cause) => {
    const [, stage] = /^conflict-(.+)$/.exec(cause) ?? [];
    return stage !== undefined && stages.has(stage) ? 'conflict-<stage>' : cause;
  });
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.filter((reason) => !told.includes(`\`${reason}\``))).toEqual([]);
});

test('every test of faults is named beside a promise: what is named there is what `npm run test:faults` runs', () => {
  const promises = textOf('docs/reliability.md');
  const tests = readdirSync(join(ROOT, 'test/faults')).filter((file) => file.endsWith('.test.ts'));
  expect(tests.length).toBeGreaterThan(5);
  expect(tests.filter((file) => !promises.includes(`\`test/faults/${file}\``))).toEqual([]);
});

test('the main path is read in under 400 lines', () => {
  const table = textOf('docs/architecture.md').split('\n## The main path\n')[1]!.split('\nWhat decides')[0]!;
  const lines = [...table.matchAll(/^\| `src\/[^`]+` \| (\d+) \|/gm)].map(([, count]) => Number(count));
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(400);
});

test('every decision about a dependency is about one that there is, and every one has its decision', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const decided = textOf('docs/decisions.md');
  const undecided = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !decided.includes(`\`${name}\``),
  );
  expect(undecided).toEqual([]);
});
