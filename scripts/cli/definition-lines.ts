// The list of pipelines and agents: for a program, and for a person's terminal.
import { isAbsolute } from 'node:path';
import { levelOf, type DefinitionSet } from '../../src/adapters/definition-set';
import { fill, widthOf, wrap } from './columns';
import { oneLine } from './safe-text';

export type Listed = ReturnType<typeof listed>;

export function listed({ pipelines, agents }: DefinitionSet) {
  const callers = (agent: string) =>
    Object.values(pipelines)
      .filter(({ pipeline: { stages } }) => Object.values(stages).some((stage) => stage.agent === agent))
      .map(({ pipeline: { name } }) => name);
  return {
    pipelines: Object.values(pipelines).map(({ pipeline, file: { shown: file } }) => ({
      ...{ name: pipeline.name, description: pipeline.description, level: levelOf(pipeline), file },
      stages: pipeline.stages,
    })),
    agents: Object.entries(agents).map(
      ([
        name,
        {
          definition,
          file: { shown: file },
        },
      ]) => ({
        ...{ name, ...definition, file, usedBy: callers(name) },
      }),
    ),
  };
}

const levels = { project: 'for a whole project', milestone: 'for each milestone of a project, or one alone' };

export function definitionLines({ pipelines, agents }: Listed, width: number): string[] {
  return [
    'Pipelines',
    ...blocks(
      pipelines.map(({ name, description, level, file, stages }) => ({
        name,
        lines: [
          ...(description === undefined ? [] : [description]),
          `${levels[level]}: ${Object.keys(stages).join(', ')}`,
          ...yours(file),
        ],
      })),
      width,
    ),
    '',
    'Agents',
    ...blocks(
      agents.map(({ name, role, model, tools, writes, usedBy, file }) => ({
        name,
        lines: [
          role,
          [
            `model ${model.join(' → ')}`,
            `tools ${tools.join(', ') || 'none'}`,
            `writes ${writes}`,
            usedBy.length === 0 ? 'not used' : `used by ${usedBy.join(', ')}`,
          ].join('; '),
          ...yours(file),
        ],
      })),
      width,
    ),
  ];
}

const yours = (file: string): string[] => (isAbsolute(file) ? [file] : []);

/** The names in a column, and what is said of each beside it. */
function blocks(entries: readonly { name: string; lines: readonly string[] }[], width: number): string[] {
  const column = Math.max(...entries.map(({ name }) => widthOf(name))) + 4;
  return entries.flatMap(({ name, lines }) =>
    lines
      .flatMap((line) => wrap(oneLine(line), width - column))
      .map((line, index) => `${fill(index === 0 ? `  ${name}` : '', column)}${line}`),
  );
}
