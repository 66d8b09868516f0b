// From what a model proposes to what git may be given: checked path by path, edit by edit, before anything is written.
import type { Change } from '../domain/artifacts/change';
import { deploymentFiles, type DeploymentPlan } from '../domain/artifacts/deployment-plan';
import type { Edit, FileContent } from '../domain/artifacts/fields';
import type { TestSuite } from '../domain/artifacts/test-suite';
import { dependencyObjections, isManifest } from '../domain/dependencies';
import { isNpmManifest } from '../domain/lockfiles';
import { runsOtherwise } from '../domain/package-json';
import { isTestFile, judgesTests } from '../domain/paths';
import { changeObjections, pathObjections, repeated } from '../domain/proposed-files';
import type { Dependencies, FileChange, Trees } from './ports';

const NOT_THEIRS = "how tests are run is not the implementer's to change";

export type Proposal = { changes: FileChange[]; objections: string[] };

type At = {
  trees: Trees;
  dependencies: Dependencies;
  repository: string;
  base: string;
  start: string;
  /** Its earlier work may be what is wanted still. */
  mayKeep?: boolean;
};

/** The implementer's change, on top of its own earlier work. */
export async function proposeChange(at: At, change: Change): Promise<Proposal> {
  const paths = [...change.files, ...change.edits].map(({ path }) => path).concat(change.deletions);
  const objections = pathObjections(paths, (path) => {
    if (judgesTests(path)) return `${path}: ${NOT_THEIRS}`;
    return isTestFile(path) ? `${path}: tests are the tester's to write` : undefined;
  });
  if (objections.length > 0) return { changes: [], objections };
  const proposed = await proposal(at, change.files, change.edits, change.deletions);
  const hijacked = await packageObjections(at, proposed.changes);
  return hijacked.length > 0 ? { changes: [], objections: [...proposed.objections, ...hijacked] } : proposed;
}

async function packageObjections({ trees, repository, base }: At, changes: readonly FileChange[]): Promise<string[]> {
  const packages = changes.filter(({ path }) => isNpmManifest(path));
  if (packages.length === 0) return [];
  const paths = packages.map(({ path }) => path);
  const before = await trees.read(repository, base, paths);
  return packages
    .filter((change) => runsOtherwise(before.get(change.path), 'content' in change ? change.content : undefined))
    .map(({ path }) => `${path}: ${NOT_THEIRS}: leave its scripts and its runners' settings as they are`);
}

/** The tester's files: tests only, and none that the base has. */
export async function proposeSuite(at: At, suite: TestSuite): Promise<Proposal> {
  const paths = suite.files.map(({ path }) => path).concat(suite.deletions);
  const onBase = new Set((await at.trees.list(at.repository, at.base)).map(({ path }) => path));
  const objections = pathObjections(paths, (path) => {
    if (judgesTests(path))
      return `${path}: it could turn every test green, those of the base too; put fixtures into the test files or import them`;
    if (!isTestFile(path)) return `${path}: this is no test file`;
    return onBase.has(path) ? `${path}: this test is on the base already; write your tests into new files` : undefined;
  });
  if (objections.length > 0) return { changes: [], objections };
  return proposal(at, suite.files, [], suite.deletions);
}

/** The files that a deployment plan describes, where they are part of what is delivered. */
export async function proposeDeployment(at: At, plan: DeploymentPlan): Promise<Proposal> {
  return proposal(at, deploymentFiles(plan), [], []);
}

async function proposal(
  at: At,
  files: readonly FileContent[],
  edits: readonly Edit[],
  deletions: readonly string[],
): Promise<Proposal> {
  const { trees, repository, start, mayKeep = false } = at;
  const standing = await trees.list(repository, start);
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const regular = new Set(standing.filter(({ mode }) => mode.startsWith('100')).map(({ path }) => path));
  const touched = [...new Set([...contents.keys(), ...edits.map(({ path }) => path)])].filter((path) =>
    regular.has(path),
  );
  const present = await trees.read(repository, start, touched);
  const objections = repeated([...files.map(({ path }) => path), ...deletions]);
  for (const { path, find, replace } of edits) {
    const before = contents.get(path) ?? present.get(path);
    const times = before?.split(find).length;
    if (before === undefined) objections.push(`${path}: there is no such file to edit`);
    else if (times !== 2)
      objections.push(
        `${path}: the text to find occurs ${times! - 1} times, not once: ${JSON.stringify(find.slice(0, 80))}`,
      );
    else
      contents.set(
        path,
        before.replace(find, () => replace),
      );
  }
  const changes: FileChange[] = [
    ...[...contents].map(([path, content]) => ({ path, content })),
    ...deletions.map((path) => ({ path, deleted: true as const })),
  ];
  objections.push(...changeObjections(standing, changes, present), ...(await broughtAlong(at, contents)));
  if (objections.length > 0) return { changes: [], objections };
  const marked = [...contents]
    .filter(([, content]) => /^(<{7}|>{7}) /m.test(content))
    .map(([path]) => `${path}: conflict markers are left in it`);
  return { changes, objections: changes.length === 0 && !mayKeep ? ['it changes nothing'] : marked };
}

/** What the manifests among these files would have installed that nobody has allowed. */
async function broughtAlong({ trees, dependencies, repository, base }: At, contents: ReadonlyMap<string, string>) {
  const manifests = [...contents].filter(([path]) => isManifest(path));
  if (manifests.length === 0) return [];
  const [before, allowance] = await Promise.all([
    trees.read(
      repository,
      base,
      manifests.map(([path]) => path),
    ),
    dependencies.allowance(repository, base),
  ]);
  return manifests.flatMap(([path, content]) => dependencyObjections(path, before.get(path), content, allowance));
}
