// What a pipeline says of decision fields, in CEL: whether it holds, and the values that it looked at.
import { evaluate } from '@marcbachmann/cel-js';
import type { Facts } from './handoff';

/** True, false, or why there is no answer. */
export function evaluateWhen(expression: string, facts: Facts): boolean | string {
  try {
    const value: unknown = evaluate(expression, facts as Record<string, unknown>);
    return typeof value === 'boolean' ? value : `it is ${typeof value}, not true or false`;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}

/** The facts that an expression names, for showing why a stage was skipped. */
export function valuesIn(expression: string, facts: Facts): Facts {
  const named = expression.match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+/g) ?? [];
  return Object.fromEntries(
    named.flatMap((path) => {
      const value = path
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], facts);
      return value === undefined ? [] : [[path, value as Facts[string]]];
    }),
  );
}
