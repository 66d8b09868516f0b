// The tools an agent may be given: looking into one commit, and nothing else. They read git; there are no files to touch.
import { z } from 'zod';
import type { ToolName } from '../domain/agent';
import { isSecretFile } from '../domain/secrets';
import type { Tool, ToolCall, Trees } from './ports';

const OUTPUT_LIMIT_CHARS = 40_000;
const MATCHES_LIMIT = 100;

type Look = { trees: Trees; repository: string; commit: string };
type Definition<S extends z.ZodType> = {
  description: string;
  input: S;
  run: (at: Look, input: z.output<S>) => Promise<string>;
};
const tool = <S extends z.ZodType>(definition: Definition<S>): Definition<z.ZodType> =>
  definition as unknown as Definition<z.ZodType>;

const definitions: Record<ToolName, Definition<z.ZodType>> = {
  list: tool({
    description: 'Lists the files of the repository below a folder; an empty folder means all.',
    input: z.object({ folder: z.string() }),
    async run({ trees, repository, commit }, { folder }) {
      const inside = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`;
      const entries = await trees.list(repository, commit);
      const found = entries
        .filter(({ path }) => path.startsWith(inside))
        .map(({ path, bytes }) => `${path} (${bytes} bytes)`);
      return found.join('\n') || `there is nothing under ${JSON.stringify(folder)}`;
    },
  }),
  read: tool({
    description: 'Reads one text file of the repository.',
    input: z.object({ path: z.string() }),
    async run({ trees, repository, commit }, { path }) {
      if (isSecretFile(path)) return `${JSON.stringify(path)} keeps secrets, and is shown to nobody`;
      const contents = await trees.read(repository, commit, [path]);
      return contents.get(path) ?? `there is no text file ${JSON.stringify(path)}`;
    },
  }),
  search: tool({
    description: 'Finds lines of the repository that contain a text, exactly as given.',
    input: z.object({ text: z.string().min(1) }),
    async run({ trees, repository, commit }, { text }) {
      const found = await trees.search(repository, commit, text, MATCHES_LIMIT);
      const open = found.filter((match) => !isSecretFile(match.path));
      return open.map((match) => `${match.path}:${match.line}: ${match.text}`).join('\n') || 'not found';
    },
  }),
};

export function toolsFor(names: readonly ToolName[]): Tool[] {
  return names.map((name) => ({
    name,
    description: definitions[name].description,
    parameters: z.toJSONSchema(definitions[name].input) as Record<string, unknown>,
  }));
}

/** What a tool answers; a call that is not allowed or makes no sense is answered too, in words. */
export async function useTool(at: Look, allowed: readonly ToolName[], call: ToolCall): Promise<string> {
  const name = allowed.find((tool) => tool === call.name);
  if (name === undefined)
    return `there is no tool ${JSON.stringify(call.name)}; there is ${allowed.join(', ') || 'none'}`;
  const input = definitions[name].input.safeParse(jsonOrNothing(call.arguments));
  if (!input.success) return `these arguments do not fit: ${z.prettifyError(input.error)}`;
  const answer = await definitions[name].run(at, input.data);
  return answer.length <= OUTPUT_LIMIT_CHARS
    ? answer
    : `${answer.slice(0, OUTPUT_LIMIT_CHARS)}\n… cut off, ${answer.length} characters in all`;
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
