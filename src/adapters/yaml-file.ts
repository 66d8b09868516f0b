// One YAML file, held to a schema. What is wrong with it is said with its name, its line and what was expected.
import { readFile } from 'node:fs/promises';
import { isMap, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../domain/soundness';
import { interpolate, Unfilled } from './interpolate';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a file lies, and what a person is told that it is called. */
export type Place = { path: string; shown: string };

export type YamlFile = Place & { document: Document; lines: LineCounter };

export type Flaw = { file: string; line: number; at: string; message: string };

export class FlawedFiles extends Error {
  constructor(readonly flaws: readonly Flaw[]) {
    super(flaws.map(flawInWords).join('\n'));
  }
}

const flawInWords = ({ file, line, at, message }: Flaw): string =>
  `${file}:${line}: ${at === '' ? '' : `${at}: `}${message}`;

export async function readYaml<S extends z.ZodType>(
  place: Place,
  schema: S,
  environment?: Environment,
): Promise<{ value: z.output<S>; file: YamlFile }> {
  const text = await readText(place);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const file = { ...place, document, lines };
  const [broken] = document.errors;
  if (broken !== undefined) refuse(place, lines.linePos(broken.pos[0]).line, broken.message.split('\n')[0]!);
  const parsed = schema.safeParse(plain(file, environment), { error: inWords });
  if (!parsed.success) throw new FlawedFiles(flawsOf(file, parsed.error.issues.map(problemOf)));
  return { value: parsed.data, file };
}

export async function readText(place: Place): Promise<string> {
  return readFile(place.path, 'utf8').catch((error: Error) => refuse(place, 1, `it cannot be read: ${error.message}`));
}

function refuse({ shown }: Place, line: number, message: string): never {
  throw new FlawedFiles([{ file: shown, line, at: '', message }]);
}

function plain(file: YamlFile, environment: Environment | undefined): unknown {
  try {
    const raw: unknown = file.document.toJS();
    return environment === undefined ? raw : interpolate(raw, environment);
  } catch (error) {
    if (error instanceof Unfilled) throw new FlawedFiles(flawsOf(file, [error]));
    // An alias without its anchor is met only here, and so is one that would grow without end.
    return refuse(file, 1, (error as Error).message);
  }
}

// ── from a path to a line ───────────────────────────────────────────────────────────────────────────────────────

export const flawsOf = (file: YamlFile, problems: readonly Problem[]): Flaw[] =>
  problems.map(({ path, message }) => ({
    ...{ file: file.shown, line: lineOf(file, path), at: path.join('.'), message },
  }));

function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') return { path: [...path, issue.keys[0]!], message: issue.message };
  return { path, message: issue.code === 'invalid_key' ? issue.issues[0]!.message : issue.message };
}

const inWords: z.core.$ZodErrorMap = ({ code, inst, keys, input, expected }) => {
  if (code === 'unrecognized_keys' && inst instanceof z.ZodObject)
    return `unknown ${(keys as string[]).join(', ')}; expected ${Object.keys(inst.shape).join(', ')}`;
  return code === 'invalid_type' && input === undefined ? `it is missing; expected ${String(expected)}` : undefined;
};

/** The line of the deepest part of the path that stands in the file. */
function lineOf({ document, lines }: YamlFile, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const key = isMap(parent)
      ? parent.items.find(({ key }) => String(key) === String(path[depth - 1]))?.key
      : document.getIn(path.slice(0, depth), true);
    const range = (key as Node | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}
