// What a tester makes of failing tests: read from the test report that it is shown.
import type { Artifact } from '../../../src/domain/artifacts';
import { TestReport } from '../../../src/domain/artifacts/test-report';

const WithBugs = TestReport.pick({ bug_tasks: true });

/** The one mistake that this script's tests find is of the code, and is to be put right there. */
export function assessmentOf(prompt: string): Artifact<'TestAssessment'> {
  const shown = [...prompt.matchAll(/ title="[^"]+">\n(\{[\s\S]*?)\n<\/data-/g)].map(([, text]) => parsed(text!));
  const report = shown.map((material) => WithBugs.safeParse(material).data).find((found) => found !== undefined);
  if (report === undefined) throw new Error('whoever judges the failing tests was not shown their report');
  return {
    summary: 'The code is wrong: a note is looked up by its id alone, whoever asks.',
    confidence: 0.93,
    failed: report.bug_tasks.map(({ id, test, error, repro_input }) => ({
      ...{ test, bug: id, log: error, repro_input },
      cause: 'src/notes.mjs: find, change and remove take no owner, so that every user reaches every note',
    })),
    recommendation: 'fix',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No JSON: a diff, or the words of a person.
  }
}
