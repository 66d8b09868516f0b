// Artifacts that only some of the five pipelines have, each whole and valid, beside those of test/scenarios/answers.ts.
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import type { Artifact, ArtifactKind } from '../../src/domain/artifacts';

const sure = { summary: 'as asked', confidence: 0.9 };
const whole = <K extends ArtifactKind>(artifact: Artifact<K>): ScriptedAnswer => ({ json: artifact });

/** A plan of these files; parts by name, each with the files that are its own. */
export const filePlan = (
  parts: Readonly<Record<string, string[]>>,
  more: Partial<Artifact<'ImplementationPlan'>> = {},
) =>
  whole<'ImplementationPlan'>({
    ...sure,
    files_to_create: Object.values(parts).flatMap((files) => files.map((path) => ({ path, purpose: 'as asked' }))),
    ...{ files_to_modify: [], dependencies: [], architecture_notes: [], acceptance_criteria: ['it works'] },
    independent_parts: Object.entries(parts).map(([name, files]) => ({ name, files, description: name })),
    ...more,
  });

export const deployment = (more: Partial<Artifact<'DeploymentPlan'>> = {}) =>
  whole<'DeploymentPlan'>({
    ...sure,
    dockerfile: 'FROM node:20-slim\nUSER node\n',
    deployment_config: 'services: {}\n',
    environment_variables: [{ name: 'PORT', purpose: 'where it listens', required: false }],
    deploy_instructions: ['docker build .', 'docker compose up'],
    ...more,
  });

type Task = Artifact<'TaskPlan'>['tasks'][number];

/** Tasks by id, each with its files and the criterion that its tests name. */
export const taskPlan = (
  tasks: Readonly<Record<string, { files: string[]; criterion: string; priority?: number }>>,
  more: Partial<Artifact<'TaskPlan'>> = {},
) =>
  whole<'TaskPlan'>({
    ...sure,
    tasks: Object.entries(tasks).map(([id, { files, criterion, priority = 1 }]): Task => ({
      ...{ id, title: `Do ${id}`, priority, files, interfaces: [], acceptance: [criterion] },
      ...{ mocks: [{ input: '2, 3', output: '5' }], complexity: 'low', tests_needed: ['one'] },
    })),
    spec_fragments: [{ topic: 'sums', text: 'Whole numbers.' }],
    mock_data: [{ name: 'pairs', content: '[[2, 3]]' }],
    wireframes: [],
    ...more,
  });

export const assessment = (
  recommendation: Artifact<'TestAssessment'>['recommendation'],
  more: Partial<Artifact<'TestAssessment'>> = {},
) =>
  whole<'TestAssessment'>({
    ...sure,
    failed: [
      { test: 'add of 2 and 3', bug: 'bug-1-1', log: '6 !== 5', repro_input: 'add(2, 3)', cause: 'src/add.js:1' },
    ],
    recommendation,
    ...more,
  });

type Subtask = Artifact<'Decomposition'>['subtasks'][number];

/** Subtasks by id: of which type, and with which files. */
export const decomposition = (
  subtasks: Readonly<Record<string, readonly [Subtask['type'], ...string[]]>>,
  more: Partial<Artifact<'Decomposition'>> = {},
) =>
  whole<'Decomposition'>({
    ...sure,
    subtasks: Object.entries(subtasks).map(([id, [type, ...files]]): Subtask => ({
      ...{ id, type, title: `Do ${id}`, files },
      ...{ instructions: 'as asked', acceptance: ['it works'] },
    })),
    ...more,
  });
