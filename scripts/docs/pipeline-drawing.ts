// A pipeline as pages show it: its graph and a table of its stages. In a page that people write it stands between two marks.
import { byTarget, flowchart, traitsOf } from '../../src/domain/flowchart';
import { stageNames, type Pipeline, type Rework, type Stage } from '../../src/domain/pipeline';
import { table } from './markdown';

export const drawing = (pipeline: Pipeline): string =>
  [['```mermaid', flowchart(pipeline), '```'].join('\n'), stagesTable(pipeline)].join('\n\n');

const drawn = /(<!-- graph of ([a-z0-9-]+)[^>]* -->\n)[^]*?(<!-- \/graph -->)/g;

/** The pipelines that a page shows. */
export const pipelinesDrawnIn = (page: string): string[] => [...page.matchAll(drawn)].map(([, , name]) => name!);

/** What people wrote of the page. */
export const withoutDrawings = (page: string): string => page.replace(drawn, '');

/** The page with each of its drawings as the pipeline is now. */
export const redrawn = (page: string, pipelines: readonly Pipeline[]): string =>
  page.replace(drawn, (_, begin: string, name: string, end: string) => {
    const pipeline = pipelines.find((one) => one.name === name);
    if (pipeline === undefined)
      throw new Error(`A page has the mark "graph of ${name}", and there is no such pipeline.`);
    return `${begin}\n${drawing(pipeline)}\n\n${end}`;
  });

function stagesTable(pipeline: Pipeline): string {
  const rows = stageNames(pipeline).map((name) => {
    const stage = pipeline.stages[name]!;
    return [`\`${name}\``, whatOf(stage), stage.needs.join(', '), reworkWords(stage.onRework)];
  });
  return table(['stage', 'what it is', 'needs', 'sent back'], rows);
}

function whatOf(stage: Stage): string {
  const more = [
    ...(stage.coverage === undefined ? [] : [`${stage.coverage} % of lines covered`]),
    ...(stage.threshold === undefined ? [] : [`a score of ${stage.threshold}`]),
    ...(stage.seconds === undefined ? [] : [`${stage.seconds} s`]),
    ...(stage.rubric === undefined ? [] : [`rubric: ${stage.rubric}`]),
  ];
  return [...traitsOf(stage), ...more].join('; ');
}

function reworkWords(rework: Rework | undefined): string {
  if (rework === undefined) return '';
  const others = byTarget(rework.except).map(([to, causes]) => `; to \`${to}\` for ${causes}`);
  const guided = byTarget(rework.guided ?? {}).map(([to, causes]) => `; a person’s guidance on ${causes} to \`${to}\``);
  const then = rework.then === 'escalate' ? 'then a person' : 'then it fails';
  return `to \`${rework.to}\`${others.join('')}; ${rework.max} times, ${then}${guided.join('')}`;
}
