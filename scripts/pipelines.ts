// npm run pipelines [-- check FILE | -- graph NAME]: what pipelines and agents there are, whether a file of one's own is sound, and its graph.
import { resolve } from 'node:path';
import { checkFile } from '../src/adapters/definition-check';
import { loadDefinitions, type DefinitionSet } from '../src/adapters/definition-set';
import { FlawedFiles, type Flaw } from '../src/adapters/yaml-file';
import { flowchart } from '../src/domain/flowchart';
import { readConfig, type Config } from '../src/workers/config';
import { definitionLines, listed } from './cli/definition-lines';
import { Ended, exitCodes } from './cli/exit-codes';
import { manyLines, safeJson } from './cli/safe-text';
import { openScreen } from './cli/screen';
import { run, verb } from './cli/verb';
import { whereTyped } from './cli/where';

type Options = { json?: boolean };

const command = verb({
  name: 'pipelines',
  does: 'Lists the pipelines and agents that there are: the shipped ones, and over them those of the folder that MILLWRIGHT_CONFIG names.',
  examples: [
    '',
    '--json',
    'check ~/mill/pipelines/pair.yaml',
    'check ~/mill/agents/coder/agent.yaml',
    'graph milestone',
  ],
})
  .enablePositionalOptions()
  .option('--json', 'prints { pipelines, agents } for a program')
  .action(list);

command
  .command('check')
  .description(
    'Says what is wrong with a pipeline, an agent.yaml or a models.yaml, among all the others that there are.',
  )
  .argument('<file>', 'the file, in use or not yet')
  .option('--json', 'prints { file, sound, inUse, flaws } for a program')
  .action(check);

command
  .command('graph')
  .description('Prints a pipeline as a Mermaid flowchart: stages, needs, and where work goes back to.')
  .argument('<name>', 'the name of a pipeline')
  .action(graph);

async function list({ json }: Options): Promise<void> {
  const set = await load(config());
  if (json) return console.log(safeJson(listed(set)));
  console.log(definitionLines(listed(set), openScreen().width).join('\n'));
}

async function check(file: string, { json }: Options): Promise<void> {
  const path = resolve(whereTyped('pipelines'), file);
  const source = config();
  const { flaws, inUse } = await checkFile(path, source);
  const sound = flaws.length === 0;
  if (json) console.log(safeJson({ file: path, sound, inUse, flaws }));
  else if (sound) console.log(manyLines(`${path}: sound.${inUse ? '' : ` ${notInUse(source)}`}`));
  if (!sound)
    throw new Ended(exitCodes.usage, json ? '' : [new FlawedFiles(flaws).message, ...hint(flaws, source)].join('\n'));
}

const notInUse = ({ folders: { own } }: Source): string =>
  `It is not in use: ${own === undefined ? 'MILLWRIGHT_CONFIG names no folder' : `it is not in ${own}`}.`;

/** What is unknown may lie in a folder that was not looked at. */
const hint = (flaws: readonly Flaw[], { folders: { own } }: Source): string[] =>
  own === undefined && flaws.some(({ message }) => message.startsWith('unknown '))
    ? ['(MILLWRIGHT_CONFIG names no folder, so only the shipped pipelines, agents and models are known.)']
    : [];

async function graph(name: string): Promise<void> {
  const { pipelines } = await load(config());
  const found = pipelines[name];
  if (found === undefined) {
    const names = Object.keys(pipelines).sort().join(', ');
    throw new Ended(exitCodes.usage, `There is no pipeline "${name}". There is ${names}.`);
  }
  console.log(manyLines(flowchart(found.pipeline)));
}

type Source = Parameters<typeof checkFile>[1];

/** What is wrong with the environment is wrong usage. */
function config(): Source {
  try {
    const { definitions: folders, environment, sameFamilyReview }: Config = readConfig();
    return { folders, environment, sameFamilyReview };
  } catch (error) {
    throw new Ended(exitCodes.usage, (error as Error).message);
  }
}

async function load({ folders, environment }: Source): Promise<DefinitionSet> {
  return loadDefinitions(folders, environment).catch((error: unknown) => {
    throw error instanceof FlawedFiles ? new Ended(exitCodes.usage, error.message) : error;
  });
}

run(command);
