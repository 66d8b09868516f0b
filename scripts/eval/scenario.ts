// What the scripted model says: the coder keeps to its code, the tester gives its strong tests once it is asked again, the
// reviewer is content with everything.
import type { Scenario, ScriptedAnswer } from '../scripted-model/server';
import type { Files, Task } from './tasks';
import type { Variant } from './variants';

export type Part = { task: Task; variant: Variant };

const sure = { summary: 'as asked', confidence: 1 };

export function scenarioOf(parts: ReadonlyMap<string, Part>): Scenario {
  return ({ project, stage, iteration }) => {
    const part = parts.get(project);
    if (part === undefined) throw new Error(`nothing is scripted for ${project}`);
    const { task, variant } = part;
    if (stage === 'code') return change(task[variant.code]);
    if (stage === 'tests') return suite(variant.tests === 'strong' || iteration > 1 ? task.tests : task.weak_tests);
    if (stage === 'review') return review;
    throw new Error(`nothing is scripted for ${stage}`);
  };
}

const change = (files: Files): ScriptedAnswer => ({
  json: {
    ...{ ...sure, files, edits: [], deletions: [], dependencies_added: [] },
    ...{ explanation: '', changelog: '', revision_number: 0 },
  },
});

const suite = (files: Files): ScriptedAnswer => ({ json: { ...sure, files, deletions: [], cases: [] } });

const review: ScriptedAnswer = {
  json: {
    ...{
      ...sure,
      verdict: 'passed',
      criteria: [],
      issues: [],
      suggestions: [],
      score: 1,
      rationale: '',
      next_step: '',
    },
  },
};
