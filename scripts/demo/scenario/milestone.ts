// What a milestone's script is made of, and how its files become a Change and a TestSuite.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../../../src/domain/artifacts';
import type { Edit, FileContent } from '../../../src/domain/artifacts/fields';
import type { Milestone } from '../../../src/domain/artifacts/milestone-plan';
import { isTestFile } from '../../../src/domain/paths';

/** A task of the milestone as a part that can be done beside the others: `criteria` are those of the milestone, by number. */
export type PartScript = { id: string; criteria: readonly number[]; interfaces: string[]; explanation: string };

/** Who finds the slip of a first version. */
export type Catcher = 'review' | 'tests';

export type MilestoneScript = {
  milestone: Milestone;
  /** One for each task of the milestone, in the same order. */
  parts: readonly PartScript[];
  specification: Artifact<'Specification'>;
  architecture: Artifact<'Architecture'>;
  /** The code's files as they are when the milestone is done. */
  code: readonly FileContent[];
  caughtBy?: Catcher;
  /** The versions in the order in which they are handed in: with a slip at first, where somebody is to catch it. */
  changes: readonly Artifact<'Change'>[];
  tests: Artifact<'TestSuite'>;
  /** What the reviewer and the evaluator say once they have seen the code. */
  review: (prompt: string) => Artifact<'Review'>;
  evaluation: (prompt: string) => Artifact<'Evaluation'>;
};

/** The files beside a script, as they are when the milestone is done: the implementer's and the tester's. */
export function filesOf(folder: string): { code: FileContent[]; tests: FileContent[] } {
  const root = join(folder, 'files');
  const files = readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
    .map((path) => ({ path, content: readFileSync(join(root, path), 'utf8') }));
  return {
    code: files.filter(({ path }) => !isTestFile(path)),
    tests: files.filter(({ path }) => isTestFile(path)),
  };
}

/** The files as they were before these corrections: each is taken back, so that applying it gives the files again. */
export function before(corrections: readonly Edit[], files: readonly FileContent[]): FileContent[] {
  return files.map(({ path, content }) => ({
    path,
    content: corrections
      .filter((correction) => correction.path === path)
      .reduceRight((text, { find, replace }) => replaceOnce(text, replace, find, path), content),
  }));
}

export function replaceOnce(text: string, find: string, replace: string, path: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times, not once: ${find}`);
  return parts.join(replace);
}

/** Where a line stands, as reviews name it. */
export function locate(files: readonly FileContent[], path: string, line: string): string {
  const { content } = files.find((file) => file.path === path)!;
  return `${path}:${content.slice(0, content.indexOf(line)).split('\n').length}`;
}

/** Every criterion of the milestone with the reviewer's word on it, in the same order. */
export function judged(
  { acceptance_criteria }: Milestone,
  whys: readonly string[],
  unmet: readonly number[] = [],
): Artifact<'Review'>['criteria'] {
  return acceptance_criteria.map((criterion, at) => ({ criterion, met: !unmet.includes(at), why: whys[at] ?? '' }));
}

/** The five scores in the order of the dimensions, each with its reason. */
export function scores(
  ...[correctness, code_quality, security, maintainability, scalability]: readonly [score: number, why: string][]
): Artifact<'Evaluation'>['breakdown'] {
  const score = (pair: readonly [number, string] | undefined) => ({ score: pair![0], why: pair![1] });
  return {
    correctness: score(correctness),
    code_quality: score(code_quality),
    security: score(security),
    maintainability: score(maintainability),
    scalability: score(scalability),
  };
}
