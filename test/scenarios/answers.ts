// What the scripted model answers in these tests: each artifact whole and valid, in one line where it is told.
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import type { Artifact, ArtifactKind } from '../../src/domain/artifacts';
import { dimensions, type Dimension } from '../../src/domain/artifacts/evaluation';
import type { Milestone } from '../../src/domain/artifacts/milestone-plan';
import type { Script } from './script';

export type Files = Readonly<Record<string, string>>;

const sure = { summary: 'as asked', confidence: 0.9 };
const whole = <K extends ArtifactKind>(artifact: Artifact<K>): ScriptedAnswer => ({ json: artifact });
const listed = (files: Files) => Object.entries(files).map(([path, content]) => ({ path, content }));

// ── of a project ────────────────────────────────────────────────────────────────────────────────────────────────

export const understanding = (more: Partial<Artifact<'Understanding'>> = {}) =>
  whole<'Understanding'>({
    ...sure,
    ...{ goal: 'sums', language: 'javascript', existing: [], assumptions: [], questions: [], risks: [] },
    ...more,
  });

/** Milestones by id, each with the ids of those it needs. */
export const plan = (
  needs: Readonly<Record<string, readonly string[]>>,
  more: Partial<Artifact<'MilestonePlan'>> = {},
) =>
  whole<'MilestonePlan'>({
    ...sure,
    milestones: Object.entries(needs).map(([id, dependencies]) => milestone(id, dependencies)),
    out_of_scope: [],
    ...more,
  });

const milestone = (id: string, dependencies: readonly string[]): Milestone => ({
  ...{ id, title: `The ${id}`, description: `Write ${id}.`, acceptance_criteria: [`${id} works`] },
  ...{ dependencies: [...dependencies], feedback: '', tasks: [] },
});

export const deployment = () =>
  whole<'DeploymentPlan'>({
    ...sure,
    ...{ dockerfile: 'FROM scratch', deployment_config: '', environment_variables: [], deploy_instructions: [] },
  });

// ── of a milestone ──────────────────────────────────────────────────────────────────────────────────────────────

export const specification = (more: Partial<Artifact<'Specification'>> = {}) =>
  whole<'Specification'>({
    ...sure,
    ...{ prd: 'Sums.', user_stories: [], api_contracts: [], data_model: [], non_functional: [] },
    acceptance_criteria: ['it works'],
    ...more,
  });

export const architecture = (more: Partial<Artifact<'Architecture'>> = {}) =>
  whole<'Architecture'>({
    ...sure,
    ...{ folder_structure: [], service_boundaries: [], dependency_map: [], choices: [], independent_parts: [] },
    ...more,
  });

export const change = (files: Files, more: Partial<Artifact<'Change'>> = {}) =>
  whole<'Change'>({
    ...sure,
    files: listed(files),
    ...{ edits: [], deletions: [], dependencies_added: [], explanation: '', changelog: '', revision_number: 0 },
    ...more,
  });

export const suite = (files: Files, more: Partial<Artifact<'TestSuite'>> = {}) =>
  whole<'TestSuite'>({ ...sure, files: listed(files), deletions: [], cases: [], ...more });

export const review = (more: Partial<Artifact<'Review'>> = {}) =>
  whole<'Review'>({
    ...sure,
    ...{ verdict: 'passed', criteria: [], issues: [], suggestions: [], score: 0.9, rationale: '', next_step: '' },
    ...more,
  });

export const issue = (severity: 'critical' | 'major' | 'minor', description: string) => ({
  ...{ severity, description, location: 'src/add.js:1', suggestion: '', repro: '' },
});

/** Four of five in every dimension, but for those that are named. */
export const evaluation = (scores: Partial<Record<Dimension, number>> = {}, feedback = '') =>
  whole<'Evaluation'>({
    ...sure,
    breakdown: Object.fromEntries(
      dimensions.map((name) => [name, { score: scores[name] ?? 4, why: '' }]),
    ) as Artifact<'Evaluation'>['breakdown'],
    feedback,
  });

// ── code ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `src/<name>.js`: a function of two numbers. */
export const code = (name: string, body = 'a + b'): Files => ({
  [`src/${name}.js`]: `exports.${name} = (a, b) => ${body};\n`,
});

/** `test/<name>.test.js`: what it makes of 2 and 3. */
export const test = (name: string, expected: unknown = 5, how = 'test'): Files => ({
  [`test/${name}.test.js`]: `const assert = require('node:assert');
const test = require('node:test');
${how}('${name} of 2 and 3', () => assert.strictEqual(require('../src/${name}').${name}(2, 3), ${JSON.stringify(expected)}));
`,
});

/** Enough lines for a review to be asked for. */
export const longer = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, `${'// a line for the reviewer\n'.repeat(12)}${content}`]),
  );

/** A milestone in which nothing goes wrong. */
export const good = (name = 'add'): Script => ({
  specify: [specification()],
  design: [architecture()],
  implement: [change(code(name))],
  tests: [suite(test(name))],
  evaluate: [evaluation()],
});
