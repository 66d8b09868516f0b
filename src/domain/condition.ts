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

/** What a stage handed over is found under the stage's name, and under this. */
export const nameOfKind = (kind: string): string => kind[0]!.toLowerCase() + kind.slice(1);

/** The things whose fields an expression looks at: `change` of `change.lines > 10`. */
export function subjectsIn(expression: string): string[] {
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  const bound = [...bare.matchAll(/\.(?:all|exists|exists_one|filter|map)\(\s*(\w+)\s*,/g)].map(([, name]) => name!);
  const named = [...bare.matchAll(/(?<![.\w])([A-Za-z_]\w*)\.[A-Za-z_]/g)].map(([, name]) => name!);
  return [...new Set(named)].filter((name) => !bound.includes(name));
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
