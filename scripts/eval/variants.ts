// In which ways each task is delivered.

export type Variant = { code: 'good' | 'buggy'; tests: 'strong' | 'weak'; mutants: boolean };

/** First without mutants, all four. */
export const plain: readonly Variant[] = (['good', 'buggy'] as const).flatMap((code) =>
  (['strong', 'weak'] as const).map((tests) => ({ code, tests, mutants: false })),
);

export const named = ({ code, tests, mutants }: Variant): string => `${code}-${tests}${mutants ? '-mutants' : ''}`;
