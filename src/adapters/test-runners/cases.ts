// Test cases as every runner reports them: named, numbered where the name comes twice, clean.
import type { TestCase } from '../../activities/ports';
import { oneLine, trimError } from './text';

export type FoundCase = Pick<TestCase, 'outcome'> & {
  file: string;
  names: readonly string[];
  error?: string;
  line?: number;
};

export function namedCases(found: readonly FoundCase[]): TestCase[] {
  const seen = new Map<string, number>();
  return found.map(({ file, names, outcome, error, line }) => {
    const name = names.map(oneLine).join(' > ');
    const id = `${oneLine(file)} > ${name}`;
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return {
      id: times === 1 ? id : `${id} #${times}`,
      file: oneLine(file),
      name: times === 1 ? name : `${name} #${times}`,
      outcome,
      ...(error !== undefined && outcome === 'failed' ? { error: trimError(error) } : {}),
      ...(line ? { location: `${oneLine(file)}:${line}` } : {}),
    };
  });
}
