// The figures, for a person.
import type { Cost, Count, Figures } from './figures';

export function figureLines(figures: Figures): string[] {
  const { ways, found, cost } = figures;
  return [
    'Merged',
    ...ways.map(
      ({ code, tests, mutants, merged }) =>
        `  ${`${code} code, ${tests} tests, ${mutants ? 'with' : 'without'} mutants`.padEnd(42)} ${share(merged)}`,
    ),
    '',
    ...curveLines(figures),
    '',
    `Of the buggy ones that it sent back, the better tests kept out ${share(found)}.`,
    `A delivery of good code with strong tests: ${costs(cost.without)} without mutants, ${costs(cost.with)} with them.`,
  ];
}

export function curveLines({ threshold, curve }: Pick<Figures, 'threshold' | 'curve'>): string[] {
  return [
    'What a check of mutants sends back, by threshold',
    `  ${'threshold'.padEnd(10)} ${'good code, strong tests'.padEnd(26)} buggy code that weak tests let pass`,
    ...curve.map(
      (point) =>
        `${point.threshold === threshold ? '→' : ' '} ${point.threshold.toFixed(2).padEnd(10)} ${share(point.good).padEnd(26)} ${share(point.buggy)}`,
    ),
  ];
}

const share = ({ count, of }: Count): string =>
  of === 0 ? 'none' : `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`;

const costs = ({ seconds, runs }: Cost): string => `${seconds} s and ${runs} runs in the sandbox`;
