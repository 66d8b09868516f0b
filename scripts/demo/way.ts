// The way that the demo goes: a pipeline that is known and sound before anything is started, told as it stands in its file.
import { createYamlDefinitions } from '../../src/adapters/yaml-definitions';
import { stageNames, type Pipeline } from '../../src/domain/pipeline';
import { readConfig } from '../../src/workers/config';
import { Ended, exitCodes } from '../cli/exit-codes';
import { scriptedPipelines } from './scenario';

export type Way = {
  name: string;
  /** It, and those that it runs. */
  pipelines: Readonly<Record<string, Pipeline>>;
  /** Whether each milestone goes it, or the project as a whole. */
  forEach: 'milestone' | 'project';
  /** The aliases of models.yaml that its agents ask. */
  models: readonly string[];
};

export const DEFAULT_PIPELINE = 'milestone';

/** A script has answers for some of the shipped ones; a real model has them for any, a user's own included. */
export async function findWay(name: string, live: boolean): Promise<Way> {
  if (!live && !scriptedPipelines.includes(name)) {
    throw refusal(
      `the script has no answers for "${name}"; it has them for ${scriptedPipelines.join(', ')}. ` +
        'With --live, a real model delivers by any that npm run pipelines lists.',
    );
  }
  const { definition } = await resolve(name, live);
  return {
    name,
    pipelines: definition.pipelines,
    forEach: definition.top === name ? 'project' : 'milestone',
    models: Object.keys(definition.models),
  };
}

async function resolve(name: string, live: boolean) {
  try {
    const { definitions, environment } = readConfig(live ? process.env : {});
    // Whether one family may review its own code is not known yet, and is asked again when the project starts.
    const shipped = createYamlDefinitions({ folders: definitions, environment, sameFamilyReview: true });
    return await shipped.resolve(name, 'project');
  } catch (error) {
    throw refusal((error as Error).message);
  }
}

const refusal = (words: string) => new Ended(exitCodes.usage, `--pipeline: ${words}`);

/** Its stages in the order in which they may start; those that may start together side by side. */
export function stagesInLine(pipeline: Pipeline): string {
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name) ?? 1 + Math.max(0, ...pipeline.stages[name]!.needs.map(depthOf));
    depths.set(name, known);
    return known;
  };
  const levels = new Map<number, string[]>();
  for (const name of stageNames(pipeline)) levels.set(depthOf(name), [...(levels.get(depthOf(name)) ?? []), name]);
  return [...levels]
    .sort(([one], [other]) => one - other)
    .map(([, names]) => names.join(' ∥ '))
    .join(' → ');
}
