// Acceptance checks: tests of the user's own, which no agent sees. What comes back of them is a number and titles.
import { isNamedAsTest } from './paths';
import type { TestCase, TestRun } from './test-run';

/** What a milestone has to show: all of them, or, while others are still to come, that none is lost. */
export type Acceptance = { tree: string; whole: boolean };

export type Accepted = { green: boolean; objections: string[] };

const UNTITLED = 'a test whose title is made while it runs';
const titles =
  /\b(?:test|it|describe|suite)(?:\.\w+)*\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`$\\]*)`)/g;
const names = /^\s*(?:async\s+)?(?:def|class)\s+(\w+)/gm;

/**
 * `before` is the same on the base, where not all is demanded yet. The code that they test runs beside them, and could make
 * up tests whose titles tell what it has read: so only titles that stand in these files, as titles, are passed on.
 */
export function judgeAcceptance(
  contents: ReadonlyMap<string, string>,
  after: TestRun,
  before: TestRun | undefined,
): Accepted {
  const files = [...contents.keys()];
  const own = after.cases.filter(({ file }) => contents.has(file));
  const demanded = before?.cases.filter(({ file, outcome }) => contents.has(file) && outcome === 'passed');
  const passed = new Set(own.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
  const asked = demanded ?? own;
  const failed = asked.filter(({ id }) => !after.complete || !passed.has(id));
  const silent = before ? [] : files.filter((path) => isNamedAsTest(path) && !own.some(({ file }) => file === path));
  const count = failed.length + silent.length;
  const nothing = before === undefined && own.length === 0;
  const green = count === 0 && !nothing && (after.complete || asked.length === 0);
  if (green) return { green, objections: [] };
  const known = titlesIn([...contents.values()]);
  return {
    green,
    objections: [
      `acceptance failed: ${Math.max(1, count)}`,
      ...new Set(failed.map((test) => `acceptance: ${titleOf(test, known)}`)),
    ],
  };
}

function titlesIn(contents: readonly string[]): Set<string> {
  const found = contents.flatMap((content) => [
    ...[...content.matchAll(titles)].map(([, one, two, three]) => unescaped(one ?? two ?? three ?? '')),
    ...[...content.matchAll(names)].map(([, name]) => name!),
  ]);
  return new Set(found.map(plain));
}

const unescaped = (text: string) => text.replace(/\\(['"`\\])/g, '$1');
const plain = (text: string) => text.replace(/\s+/g, ' ').trim();

function titleOf({ name }: TestCase, known: ReadonlySet<string>): string {
  const parts = name.replace(/ #\d+$/, '').split(' > ');
  return parts.every((part) => known.has(part)) ? parts.join(' > ') : UNTITLED;
}
