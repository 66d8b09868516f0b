// What somebody is asked to approve, as lines that fit the screen, and its diff.
import { gitHere, patiently, readChanges } from '../cli/repository-reading';
import { manyLines } from '../cli/safe-text';
import { candidateLines, planLines } from '../cli/subject-lines';
import { widthOf, wrap } from '../cli/columns';
import type { Wait } from '../cli/waits';

const FIELD_COLUMNS = 14;

/** Everything but where it is: in the demo that is known. */
export async function subjectLines({ run, waiting }: Wait, width: number): Promise<string[]> {
  const subject = waiting.subject!;
  const lines =
    waiting.for === 'plan'
      ? planLines(run, subject)
      : candidateLines(run, subject, await readChanges(run, subject), waiting);
  return lines.filter((line) => !line.startsWith('  repository ')).flatMap((line) => fitted(line, width));
}

function fitted(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const [label, text] = [line.slice(0, FIELD_COLUMNS), line.slice(FIELD_COLUMNS)];
  return wrap(text, width - FIELD_COLUMNS).map((part, at) => (at === 0 ? label : ' '.repeat(FIELD_COLUMNS)) + part);
}

export async function diffLines({ run, waiting }: Wait): Promise<string[]> {
  const reading = gitHere().trees.diff(run.repository, run.base!, waiting.subject!);
  const text = await patiently(reading).then(
    ({ patch }) => patch,
    (error: Error) => `It cannot be read from here: ${error.message}`,
  );
  return manyLines(text).trimEnd().split('\n');
}
