// What the scripted model says in a trial: a milestone in which nothing goes wrong by itself, the same whenever it is asked.
import type { Artifact, ArtifactKind } from '../../src/domain/artifacts';
import { dimensions } from '../../src/domain/artifacts/evaluation';
import type { Scenario, ScriptedAnswer } from '../scripted-model/server';

const sure = { summary: 'as asked', confidence: 0.9 };
const whole = <K extends ArtifactKind>(artifact: Artifact<K>): ScriptedAnswer => ({ json: artifact });

/** The tested code calls this port of the host, and must not be heard there. */
export function milestoneScenario(port: number): Scenario {
  const answers: Readonly<Record<string, ScriptedAnswer>> = {
    Specification: whole<'Specification'>({
      ...sure,
      ...{ prd: 'Sums.', user_stories: [], api_contracts: [], data_model: [], non_functional: [] },
      acceptance_criteria: ['it adds'],
    }),
    Architecture: whole<'Architecture'>({
      ...sure,
      ...{ folder_structure: [], service_boundaries: [], dependency_map: [], choices: [], independent_parts: [] },
    }),
    Change: whole<'Change'>({
      ...sure,
      files: [{ path: 'src/add.js', content: `${'// for the reviewer to read\n'.repeat(12)}${ADD}` }],
      ...{ edits: [], deletions: [], dependencies_added: [], explanation: '', changelog: '', revision_number: 0 },
    }),
    TestSuite: whole<'TestSuite'>({
      ...sure,
      files: [{ path: 'test/add.test.js', content: testsCalling(port) }],
      ...{ deletions: [], cases: [] },
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
  // The specifier looks around first: more turns than one, for a fault to come between them.
  const looking: ScriptedAnswer = { tools: [{ name: 'list', arguments: { folder: '' } }] };
  return ({ schema, turn, tools }) => {
    if (schema === 'Specification' && turn === 1 && tools.includes('list')) return looking;
    const answer = answers[schema];
    if (answer === undefined) throw new Error(`nothing is scripted for ${schema}`);
    return answer;
  };
}

const ADD = 'exports.add = (a, b) => a + b;\n';

const testsCalling = (port: number): string => `const assert = require('node:assert');
const net = require('node:net');
const test = require('node:test');
const { add } = require('../src/add');

test('two and three', () => assert.strictEqual(add(2, 3), 5));
test('nobody outside answers', () =>
  new Promise((resolve, reject) => {
    const socket = net.connect(${port}, '127.0.0.1', () => reject(new Error('somebody answers')));
    socket.on('error', resolve);
  }));
`;
