// The figures, for a person.
import type { Cost, Count, Figures } from './figures';

export function figureLines({ threshold, ways, curve, found, cost }: Figures): string[] {
  return [
    'Merged',
    ...ways.map(
      ({ code, tests, mutants, merged }) =>
        `  ${`${code} code, ${tests} tests, ${mutants ? 'with' : 'without'} mutants`.padEnd(42)} ${share(merged)}`,
    ),
    '',
    'What a check of mutants sends back, by threshold',
    `  ${'threshold'.padEnd(10)} ${'good code, strong tests'.padEnd(26)} buggy code that weak tests let pass`,
    ...curve.map(
      (point) =>
        `${point.threshold === threshold ? '→' : ' '} ${point.threshold.toFixed(2).padEnd(10)} ${share(point.good).padEnd(26)} ${share(point.buggy)}`,
    ),
    '',
    `Of the buggy ones that it sent back, the better tests kept out ${share(found)}.`,
    `A delivery of good code with strong tests: ${costs(cost.without)} without mutants, ${costs(cost.with)} with them.`,
  ];
}

const share = ({ count, of }: Count): string =>
  of === 0 ? 'none' : `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`;

const costs = ({ seconds, runs }: Cost): string => `${seconds} s and ${runs} runs in the sandbox`;
