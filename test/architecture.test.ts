// The arrows of docs/architecture.md: who may import whom, and that the way from a request to a merge stays short.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');

/** Starts the name of what is none of the project's own. */
const outside = '(?!(?:src|scripts|test)/)';

/** What a folder may import: of the project by path, of others by name. Of `types` only what is erased before anything runs. */
const arrows: Record<string, { may: RegExp; types?: RegExp }> = {
  'src/domain': { may: /^(src\/domain\/|zod$|@marcbachmann\/cel-js$|@temporalio\/common$)/ },
  'src/workflows': {
    may: /^(src\/(workflows|domain)\/|@temporalio\/(workflow|common)$)/,
    types: /^src\/activities\//,
  },
  'src/activities': {
    may: /^(src\/(activities|domain)\/|@temporalio\/(activity|common)$|node:crypto$|zod$)/,
  },
  'src/adapters': {
    may: new RegExp(`^(src/(adapters|domain)/|@temporalio/common$|${outside}(?!@temporalio/))`),
    types: /^src\/activities\/ports$/,
  },
  'src/workers': {
    may: /^(src\/(workers|activities|adapters|domain)\/|@temporalio\/(worker|client|envconfig)$|node:|zod$)/,
  },
  scripts: {
    // Of the workflows what may be said to them, of the activities the reading of what they wrote.
    may: new RegExp(
      `^(scripts/|src/(workers|adapters|domain)/|src/workflows/messages$|src/activities/(delivery|digest|receipt)$|${outside})`,
    ),
    types: /^src\/(workflows|activities)\//,
  },
};

type Import = { name: string; onlyTypes: boolean };

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => posix.join(folder, file));

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (text: string, onlyTypes: boolean) => {
    const name = text.startsWith('.') ? posix.join(dirname(file), text) : text;
    found.push({ name, onlyTypes });
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined)
      add((node.moduleSpecifier as ts.StringLiteral).text, isErased(node));
    else if (ts.isImportTypeNode(node))
      add(((node.argument as ts.LiteralTypeNode).literal as ts.StringLiteral).text, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [what] = node.arguments;
      if (what !== undefined && ts.isStringLiteral(what)) add(what.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(file));
  return found;
}

function isErased(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const { importClause: clause } = node;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named)
    ? named.elements.every(({ isTypeOnly }) => isTypeOnly)
    : false;
}

const parsed = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);

describe.each(Object.entries(arrows))('%s', (folder, { may, types }) => {
  test('imports only what it may', () => {
    const strays = sourcesIn(folder).flatMap((file) =>
      importsOf(file)
        .filter(({ name, onlyTypes }) => !may.test(name) && !(onlyTypes && types?.test(name)))
        .map(({ name }) => `${file} imports ${name}`),
    );
    expect(strays).toEqual([]);
  });
});

test('every folder of the source has its rule', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => `src/${name}`).filter((folder) => arrows[folder] === undefined)).toEqual([]);
});

test.each([
  ['src/domain', ['node:fs', 'openai', '@temporalio/workflow', 'src/workflows/run', 'src/adapters/git/git']],
  ['src/workflows', ['node:fs', 'zod', 'src/adapters/git/git', 'src/activities/agent', '@temporalio/worker']],
  ['src/activities', ['node:fs', 'openai', 'src/adapters/git/git', 'src/workflows/run', '@temporalio/workflow']],
  [
    'src/adapters',
    ['@temporalio/worker', 'src/workers/config', 'src/workflows/run', 'src/activities/agent', 'scripts/x'],
  ],
  ['src/workers', ['scripts/stack/server', 'src/workflows/run', 'openai']],
  ['scripts', ['src/workflows/run', 'src/activities/agent', 'test/x']],
])('the rule of %s forbids what it should', (folder, names) => {
  expect(names.filter((name) => arrows[folder]!.may.test(name))).toEqual([]);
});

// A reader walks it in this order.
const mainPath = [
  ...['deliver-project', 'milestones', 'deliver-milestone', 'run-pipeline', 'stages'],
  ...['agent-stage', 'check-stage', 'approval-stage', 'merge-stage'],
];

test('the main path, from request to merge, reads in under 400 lines', () => {
  const lines = mainPath.map((name) => linesOfCode(`src/workflows/${name}.ts`));
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(400);
});

/** Lines on which some code stands; imports are none. */
function linesOfCode(file: string): number {
  const source = parsed(file);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (node.getChildCount(source) === 0 && node.kind !== ts.SyntaxKind.EndOfFileToken) {
      const line = (at: number) => source.getLineAndCharacterOfPosition(at).line;
      for (let at = line(node.getStart(source)); at <= line(node.getEnd()); at++) lines.add(at);
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return lines.size;
}
