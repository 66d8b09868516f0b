// A pipeline as a flowchart in Mermaid: what each stage is, what it needs, and where work goes back to.
import { stageKind, stageNames, type Pipeline, type Stage, type StageKind } from './pipeline';

export function flowchart(pipeline: Pipeline): string {
  const stages = stageNames(pipeline).map((name) => [name, pipeline.stages[name]!] as const);
  return [
    'flowchart LR',
    ...stages.map(([name, stage]) => `  ${nodeOf(name, stage)}`),
    ...stages.flatMap(([name, { needs }]) => needs.map((need) => `  ${id(need)} --> ${id(name)}`)),
    ...stages.flatMap(([name, stage]) => wayBack(name, stage)),
  ].join('\n');
}

// `end` and the like are words of Mermaid's own.
const id = (stage: string) => `s_${stage}`;

const shapes: Record<StageKind, readonly [string, string]> = {
  agent: ['[', ']'],
  check: ['{{', '}}'],
  approval: ['([', '])'],
  merge: ['[(', ')]'],
  pipeline: ['[[', ']]'],
};

function nodeOf(name: string, stage: Stage): string {
  const [open, close] = shapes[stageKind(stage)];
  return `${id(name)}${open}${quoted([name, ...traitsOf(stage)])}${close}`;
}

/** What a stage is, in a few words each. */
export function traitsOf({ agent, check, approval, merge, pipeline, when, forEach, fanOut }: Stage): string[] {
  return [
    ...(agent === undefined ? [] : [`agent: ${agent}`]),
    ...(check === undefined ? [] : [`check: ${check}`]),
    ...(approval === undefined ? [] : [`a person: ${approval}`]),
    ...(merge === undefined ? [] : [`the gate: ${merge}`]),
    ...(pipeline === undefined ? [] : [`pipeline: ${pipeline}`]),
    ...(forEach === undefined ? [] : [`for each of ${forEach}`]),
    ...(fanOut === undefined ? [] : [`side by side: ${fanOut}`]),
    ...(when === undefined ? [] : [`when ${when}`]),
  ];
}

const causes: Record<StageKind, string> = {
  agent: 'sent back',
  check: 'not green',
  approval: 'changes requested',
  merge: 'conflict',
  pipeline: 'sent back',
};

// One arrow a stage: a second one, to another branch of the graph, would turn the picture around.
function wayBack(name: string, stage: Stage): string[] {
  const rework = stage.onRework;
  if (rework === undefined) return [];
  const others = byTarget(rework.except).map(([to, causes]) => `(${causes}: to ${to})`);
  const label = quoted([`${causes[stageKind(stage)]}, at most ${rework.max}`, ...others]);
  return [`  ${id(name)} -. ${label} .-> ${id(rework.to)}`];
}

/** Where work goes instead, with the causes. */
export function byTarget(routes: Readonly<Record<string, string>>): [to: string, causes: string][] {
  const targets = [...new Set(Object.values(routes))];
  return targets.map((to) => [
    to,
    Object.keys(routes)
      .filter((cause) => routes[cause] === to)
      .join(', '),
  ]);
}

const quoted = (lines: readonly string[]): string => `"${lines.map(plain).join('<br/>')}"`;
const plain = (text: string) =>
  text.replace(/#/g, '#35;').replace(/"/g, '#quot;').replace(/</g, '#lt;').replace(/>/g, '#gt;');
