// Reads JUnit's XML, as most test runners write it.
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { FoundCase } from './cases';
import { inBox } from './coverage';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: 'text',
  htmlEntities: true,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error', 'skipped'].includes(name),
});

const Said = z.union([z.string(), z.object({ message: z.string().optional(), text: z.string().optional() })]);
const Case = z.object({
  name: z.string(),
  classname: z.string().optional(),
  file: z.string().optional(),
  line: z.string().optional(),
  failure: z.array(Said).optional(),
  error: z.array(Said).optional(),
  skipped: z.array(z.unknown()).optional(),
});
const Suite = z.object({
  name: z.string().optional(),
  file: z.string().optional(),
  tests: z.string().optional(),
  testcase: z.array(Case).default([]),
  testsuite: z.array(z.unknown()).default([]),
});
const NODES_CLASS = 'test'; // what Node's reporter writes in the place of a class, whatever the file
type Case = z.infer<typeof Case>;
type Suite = z.infer<typeof Suite>;

/** The cases; throws, in words, when the report is not one or lacks tests that it speaks of. */
export function junitCases(xml: string, files: readonly string[]): FoundCase[] {
  if (/<!DOCTYPE/i.test(xml)) throw new Error('the JUnit report has a document type, which is not read');
  const document = z
    .object({ testsuites: z.unknown().optional(), testsuite: z.unknown().optional() })
    .safeParse(parsed(xml));
  if (!document.success) throw new Error('the JUnit report is not XML');
  const { testsuites, testsuite } = document.data;
  return casesIn(suiteIn(testsuites ?? (testsuite === undefined ? undefined : { testsuite })), files);
}

// An element without attributes and content is read as an empty string.
function suiteIn(element: unknown, around?: Suite): Suite {
  const suite = Suite.safeParse(element === '' ? {} : element);
  if (!suite.success) throw new Error('the JUnit report is not one');
  return { ...suite.data, file: suite.data.file ?? around?.file };
}

function parsed(xml: string): unknown {
  try {
    return parser.parse(xml, true);
  } catch {
    return undefined;
  }
}

function casesIn(suite: Suite, files: readonly string[]): FoundCase[] {
  const cases = [
    ...suite.testcase.map((one) => caseOf(one, suite, files)),
    ...suite.testsuite.flatMap((inner) => casesIn(suiteIn(inner, suite), files)),
  ];
  if (suite.tests !== undefined && Number(suite.tests) !== cases.length)
    throw new Error(`the JUnit report speaks of ${suite.tests} tests and lists ${cases.length}`);
  return cases;
}

function caseOf(one: Case, suite: Suite, files: readonly string[]): FoundCase {
  const wrong = one.failure ?? one.error;
  const named = one.file ?? suite.file;
  const group = one.classname ?? suite.name ?? '';
  // A file that does not load may be reported as a test of its name.
  const whole = files.find((path) => path === inBox(one.name));
  const file = named ? inBox(named) : (fileOfClass(group, files) ?? whole ?? group);
  if (file === NODES_CLASS)
    throw new Error(
      `the JUnit report does not say which file "${one.name}" is in, as that of Node’s own reporter does not; tests for node:test need no command`,
    );
  return {
    file,
    names: [group, one.name].filter((name) => name && name !== file),
    outcome: wrong ? 'failed' : one.skipped ? 'skipped' : 'passed',
    ...(wrong && { error: wrong.map(saidIn).join('\n') }),
    ...(one.line && { line: Number(one.line) }),
  };
}

function saidIn(said: z.infer<typeof Said>): string {
  return typeof said === 'string' ? said : [said.message, said.text].filter(Boolean).join('\n');
}

/** The file of `tests.test_sums.TestSums` or `com.acme.SumsTest`: the longest run of its first names that is a file's path. */
function fileOfClass(name: string, files: readonly string[]): string | undefined {
  if (files.includes(name)) return name;
  const parts = name.split(/[.:]+/).filter(Boolean);
  for (let count = parts.length; count > 0; count--) {
    const wanted = `/${parts.slice(0, count).join('/')}`;
    const found = files.filter((file) => `/${file.replace(/\.[^./]+$/, '')}`.endsWith(wanted));
    if (found.length === 1) return found[0];
  }
  return undefined;
}
