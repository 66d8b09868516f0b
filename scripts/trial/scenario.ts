// What the scripted model says in a trial: a delivery in which nothing goes wrong by itself, the same whenever it is asked.
import type { Artifact, ArtifactKind } from '../../src/domain/artifacts';
import { dimensions } from '../../src/domain/artifacts/evaluation';
import type { Scenario, ScriptedAnswer } from '../scripted-model/server';

const sure = { summary: 'as asked', confidence: 0.9 };
const whole = <K extends ArtifactKind>(artifact: Artifact<K>): ScriptedAnswer => ({ json: artifact });
type Answers = Readonly<Record<string, ScriptedAnswer>>;

const judged: Answers = {
  Specification: whole<'Specification'>({
    ...sure,
    ...{ prd: 'Sums.', user_stories: [], api_contracts: [], data_model: [], non_functional: [] },
    acceptance_criteria: ['it adds'],
  }),
  Review: whole<'Review'>({
    ...sure,
    ...{ verdict: 'passed', criteria: [], issues: [], suggestions: [], score: 0.9, rationale: '', next_step: '' },
  }),
  Evaluation: whole<'Evaluation'>({
    ...sure,
    breakdown: Object.fromEntries(
      dimensions.map((name) => [name, { score: 4, why: '' }]),
    ) as Artifact<'Evaluation'>['breakdown'],
    feedback: '',
  }),
};

// ── a milestone ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The tested code calls this port of the host, and must not be heard there. */
export function milestoneScenario(port: number): Scenario {
  const answers: Answers = {
    ...judged,
    Architecture: architecture([]),
    Change: change({ 'src/add.js': longEnough(adding('add')) }),
    TestSuite: suite({ 'test/add.test.js': testing(['add'], port) }),
  };
  return ({ schema, turn, tools }) => {
    if (schema === 'Specification' && turn === 1 && tools.includes('list')) return looking;
    return found(answers, schema);
  };
}

// The specifier looks around first: more turns than one, for a fault to come between them.
const looking: ScriptedAnswer = { tools: [{ name: 'list', arguments: { folder: '' } }] };

// ── a project ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Milestones side by side, each of two parts that are written side by side; a third one needs the first. */
export function projectScenario(milestones: number): (port: number) => Scenario {
  const ids = Array.from({ length: milestones }, (_, at) => `sums-${at + 1}`);
  const planned: Answers = {
    Understanding: whole<'Understanding'>({
      ...sure,
      ...{ goal: 'sums', language: 'javascript', existing: [], assumptions: [], questions: [], risks: [] },
    }),
    MilestonePlan: whole<'MilestonePlan'>({
      ...sure,
      milestones: ids.map((id, at) => ({
        ...{ id, title: `The ${id}`, description: `Write ${id}.`, acceptance_criteria: ['it adds'] },
        ...{ dependencies: at < 2 ? [] : [ids[0]!], feedback: '', tasks: [] },
      })),
      out_of_scope: [],
    }),
    DeploymentPlan: whole<'DeploymentPlan'>({
      ...sure,
      ...{ dockerfile: 'FROM scratch', deployment_config: '', environment_variables: [], deploy_instructions: [] },
    }),
  };
  return (port) =>
    ({ schema, turn, tools, milestone, part }) => {
      if (schema === 'Specification' && turn === 1 && tools.includes('list')) return looking;
      const names = ['one', 'two'].map((half) => `${milestone}-${half}`);
      const own = part === undefined ? names : names.filter((name) => name.endsWith(part));
      const files = Object.fromEntries(own.map((name) => [`src/${name}.js`, longEnough(adding('add'))]));
      const answers: Answers = {
        ...{ ...judged, ...planned },
        Architecture: architecture(
          names.map((name) => ({ name: name.slice(-3), files: [`src/${name}.js`], description: `Write ${name}.` })),
        ),
        Change: change(files),
        TestSuite: suite({ [`test/${milestone}.test.js`]: testing(names, port) }),
      };
      return found(answers, schema);
    };
}

function found(answers: Answers, schema: string): ScriptedAnswer {
  const answer = answers[schema];
  if (answer === undefined) throw new Error(`nothing is scripted for ${schema}`);
  return answer;
}

// ── artifacts ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Files = Readonly<Record<string, string>>;
const listed = (files: Files) => Object.entries(files).map(([path, content]) => ({ path, content }));

const architecture = (independent_parts: Artifact<'Architecture'>['independent_parts']): ScriptedAnswer =>
  whole<'Architecture'>({
    ...sure,
    ...{ folder_structure: [], service_boundaries: [], dependency_map: [], choices: [], independent_parts },
  });

const change = (files: Files): ScriptedAnswer =>
  whole<'Change'>({
    ...{ ...sure, files: listed(files) },
    ...{ edits: [], deletions: [], dependencies_added: [], explanation: '', changelog: '', revision_number: 0 },
  });

const suite = (files: Files): ScriptedAnswer =>
  whole<'TestSuite'>({ ...sure, files: listed(files), deletions: [], cases: [] });

// ── code ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const longEnough = (code: string): string => `${'// for the reviewer to read\n'.repeat(12)}${code}`;
const adding = (name: string): string => `exports.${name} = (a, b) => a + b;\n`;

const testing = (modules: readonly string[], port: number): string => `const assert = require('node:assert');
const net = require('node:net');
const test = require('node:test');
${modules.map((name, at) => `const module${at} = require('../src/${name}');\n`).join('')}
${modules.map((name, at) => `test('${name}', () => assert.strictEqual(module${at}.add(2, 3), 5));\n`).join('')}
test('nobody outside answers', () =>
  new Promise((resolve, reject) => {
    const socket = net.connect(${port}, '127.0.0.1', () => reject(new Error('somebody answers')));
    socket.on('error', resolve);
  }));
`;
