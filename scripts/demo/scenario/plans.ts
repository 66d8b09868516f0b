// One milestone as the planners of the other pipelines would put it: the same tasks, files, criteria and choices.
import type { Artifact } from '../../../src/domain/artifacts';
import type { MilestoneScript } from './milestone';
import { partsOf, REVIEW_OF, suitesOf } from './split';

const SURE = 0.9;

export function understandingOf({ milestone, specification }: MilestoneScript): Artifact<'Understanding'> {
  const { title, description, dependencies } = milestone;
  return {
    summary: `${title}: ${specification.summary}`,
    confidence: SURE,
    goal: description,
    language: 'javascript',
    existing:
      dependencies.length === 0
        ? ['Nothing: the repository is empty, so structure and conventions are ours to set.']
        : dependencies.map((id) => `What the milestone "${id}" has delivered, and its conventions.`),
    assumptions: specification.non_functional,
    questions: [],
    risks: [],
  };
}

/** File by file. What one task has for itself can be written side by side with the others. */
export function implementationPlanOf(script: MilestoneScript): Artifact<'ImplementationPlan'> {
  const { milestone, architecture, changes } = script;
  const parts = partsOf(script);
  const { folder_structure, choices } = architecture;
  const purpose = (path: string) => ({
    path,
    purpose:
      folder_structure.find((entry) => entry.path === path)?.purpose ??
      parts.find(({ task }) => task.files.includes(path))!.task.title,
  });
  const created = script.code.map(({ path }) => path);
  const modified = [...new Set(changes[0]!.edits.map(({ path }) => path))];
  return {
    summary: architecture.summary,
    confidence: SURE,
    files_to_create: created.map(purpose),
    files_to_modify: modified.map(purpose),
    dependencies: [],
    architecture_notes: [
      ...choices.map(({ choice, rationale }) => `${choice}. ${rationale}`),
      ...parts.flatMap(({ interfaces }) => interfaces),
    ],
    acceptance_criteria: milestone.acceptance_criteria,
    independent_parts:
      parts.length < 2 ? [] : parts.map(({ id, task }) => ({ name: id, files: task.files, description: task.title })),
  };
}

/** As typed subtasks: a part to write, a file of tests, a part to review. */
export function decompositionOf(script: MilestoneScript): Artifact<'Decomposition'> {
  const parts = partsOf(script);
  const suites = suitesOf(script);
  return {
    summary: `${script.milestone.title}: ${parts.length} to generate, ${suites.length} to test, ${parts.length} to review.`,
    confidence: SURE,
    subtasks: [
      ...parts.map(({ id, task, criteria, interfaces }) => ({
        ...{ id, type: 'generate' as const, title: task.title, files: task.files, acceptance: criteria },
        instructions: [`Write these files. Others rely on:`, ...interfaces].join('\n'),
      })),
      ...suites.map(({ id, file, cases }) => ({
        ...{ id, type: 'test' as const, title: `Tests: ${file.path}`, files: [file.path] },
        instructions: 'Test over the interfaces and the real HTTP server, never the inside of a module.',
        acceptance: [...new Set(cases.map(({ criterion }) => criterion))],
      })),
      ...parts.map(({ id, task, criteria }) => ({
        ...{ id: `${REVIEW_OF}${id}`, type: 'review' as const, title: `Review: ${task.title}`, files: task.files },
        instructions: 'Judge each criterion by the code that is shown.',
        acceptance: criteria,
      })),
    ],
  };
}

export function taskPlanOf(script: MilestoneScript): Artifact<'TaskPlan'> {
  const { specification, milestone } = script;
  const parts = partsOf(script);
  const codes = (all: readonly { code: number; meaning: string }[]) =>
    all.map(({ code, meaning }) => `${code} ${meaning}`).join('; ');
  return {
    summary: `${milestone.title}, in ${parts.length === 1 ? 'one task' : `${parts.length} tasks that share no file`}.`,
    confidence: SURE,
    tasks: parts.map(({ id, task, criteria, interfaces }, at) => ({
      ...{ id, title: task.title, priority: at + 1, files: task.files, interfaces, acceptance: criteria },
      ...{ mocks: task.mocks, complexity: task.complexity, tests_needed: task.tests_needed },
    })),
    spec_fragments: [
      ...specification.api_contracts.map(({ method, endpoint, request, response, status_codes }) => ({
        topic: `${method} ${endpoint}`,
        text: `Takes ${request}; answers ${response}. ${codes(status_codes)}.`,
      })),
      { topic: 'Beside the endpoints', text: specification.non_functional.join(' ') },
    ],
    mock_data: parts.flatMap(({ id, task }) =>
      task.mocks.map(({ input, output }, at) => ({ name: `${id}-${at + 1}`, content: `${input} → ${output}` })),
    ),
    wireframes: [],
  };
}
