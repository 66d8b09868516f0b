// The demo's scenario: what a model could have answered to this request, written by hand. It builds a real API, with one
// review that sends work back (login) and one first version that fails its tests (notes).
import type { Scenario, ScriptedCall } from '../../scripted-model/server';
import * as accounts from './accounts/script';
import { changeAskedFor } from './asked';
import * as hardening from './hardening/script';
import * as login from './login/script';
import type { MilestoneScript } from './milestone';
import * as notes from './notes/script';
import { deployment, planOf, understanding } from './project';

export const request = `Build a REST API with user registration, login and token-protected endpoints, in this empty repository.

Use Node 20 or newer and nothing else: no dependency, tests with node:test. People register with an email address and a
password, log in for a token that expires, and keep notes that only they can see. Passwords must be stored safely, and
it should be fit to stand on the open internet: limits, security headers, a health check. Memory will do for storage for
now, as long as it can be replaced. Tell me how to deploy it.`;

const scripts: readonly MilestoneScript[] = [accounts.script, login.script, hardening.script, notes.script];

/** A call that the script does not know throws, so that an extra call is seen as the bug that it is. */
export const scenario: Scenario = (call) => {
  if (call.turn > 1) throw new Error(`${nameOf(call)} was sent back: ${textOf(call).slice(-1_000)}`);
  return { json: call.milestone === 'project' ? projectAnswer(call) : milestoneAnswer(call) };
};

function projectAnswer(call: ScriptedCall): unknown {
  switch (call.stage) {
    case 'understand':
      return first(call, understanding);
    case 'plan':
      return first(call, planOf(scripts.map(({ milestone }) => milestone)));
    case 'deploy':
      return first(call, deployment);
    default:
      throw unexpected(call);
  }
}

function milestoneAnswer(call: ScriptedCall): unknown {
  const script = scripts.find(({ milestone }) => milestone.id === call.milestone);
  if (script === undefined || call.part !== undefined) throw unexpected(call);
  switch (call.stage) {
    case 'specify':
      return first(call, script.specification);
    case 'design':
      return first(call, script.architecture);
    case 'implement':
      return changeAskedFor(call, textOf(call)) ?? version(call, script.changes);
    case 'tests':
      return first(call, script.tests);
    case 'review':
      return script.review(textOf(call));
    case 'evaluate':
      return script.evaluation(textOf(call));
    default:
      throw unexpected(call);
  }
}

/** Work that never comes back in this scenario. */
function first<T>(call: ScriptedCall, answer: T): T {
  if (call.iteration > 1) throw unexpected(call);
  return answer;
}

/** The first version, and the corrected one however often it is asked for. */
function version<T>(call: ScriptedCall, versions: readonly T[]): T {
  const answer = versions[call.iteration > 1 ? 1 : 0];
  if (answer === undefined) throw unexpected(call);
  return answer;
}

const textOf = ({ messages }: ScriptedCall): string => messages.map(({ content }) => content ?? '').join('\n');

const nameOf = ({ milestone, stage, part, iteration }: ScriptedCall): string =>
  [milestone, stage, ...(part === undefined ? [] : [part]), iteration].join('/');

const unexpected = (call: ScriptedCall) => new Error(`nothing is scripted for ${nameOf(call)}`);
