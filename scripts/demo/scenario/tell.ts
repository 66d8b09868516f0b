// The demo's scenario: what a model could have answered to this request, written by hand. It builds a real API. An answer is
// found by the artifact that is asked for, whatever the stage is called, so that every pipeline delivers the same.
import type { Scenario, ScriptedCall } from '../../scripted-model/server';
import type { Artifact, ArtifactKind } from '../../../src/domain/artifacts';
import * as accounts from './accounts/script';
import { changeAskedFor } from './asked';
import { assessmentOf } from './assessment';
import { deploymentFor, deploymentSeen } from './deployment';
import * as hardening from './hardening/script';
import * as login from './login/script';
import type { Catcher, MilestoneScript } from './milestone';
import * as notes from './notes/script';
import { decompositionOf, implementationPlanOf, taskPlanOf, understandingOf } from './plans';
import { planOf, understanding } from './project';
import { changeOf, partsOf, REVIEW_OF, reviewOf, suiteOf, suitesOf } from './split';

const scripts: readonly MilestoneScript[] = [accounts.script, login.script, hardening.script, notes.script];

/**
 * What goes wrong on the way, by who finds it: login's first version is sent back by its review, that of notes by its tests.
 * For a pipeline in which that would be the end of it, the first version is right.
 */
export type Tale = { caughtBy: readonly Catcher[] };

/** A call that the script does not know throws, so that an extra call is seen as the bug that it is. */
export function tell(tale: Tale): Scenario {
  return (call) => {
    if (call.turn > 1) throw new Error(`${nameOf(call)} was sent back: ${textOf(call).slice(-1_000)}`);
    return { json: call.milestone === 'project' ? projectAnswer(call) : milestoneAnswer(call, tale) };
  };
}

function projectAnswer(call: ScriptedCall): Artifact {
  switch (call.schema as ArtifactKind) {
    case 'Understanding':
      return first(call, understanding);
    case 'MilestonePlan':
      return first(call, planOf(scripts.map(({ milestone }) => milestone)));
    case 'DeploymentPlan':
      return deploymentFor(textOf(call), false);
    default:
      throw unexpected(call);
  }
}

function milestoneAnswer(call: ScriptedCall, tale: Tale): Artifact {
  const script = scripts.find(({ milestone }) => milestone.id === call.milestone);
  if (script === undefined) throw unexpected(call);
  if (call.part !== undefined) return partAnswer(call, script, tale);
  switch (call.schema as ArtifactKind) {
    case 'Understanding':
      return first(call, understandingOf(script));
    case 'Specification':
      return first(call, script.specification);
    case 'Architecture':
      return first(call, script.architecture);
    case 'ImplementationPlan':
      return first(call, implementationPlanOf(script));
    case 'TaskPlan':
      return first(call, taskPlanOf(script));
    case 'Decomposition':
      return first(call, decompositionOf(script));
    case 'Change':
      return changeAskedFor(call, textOf(call)) ?? version(call, versionsOf(script, tale));
    case 'TestSuite':
      return first(call, script.tests);
    case 'TestAssessment':
      return assessmentOf(textOf(call));
    case 'Review':
      return deploymentSeen(script.review(textOf(call)), textOf(call));
    case 'Evaluation':
      return script.evaluation(textOf(call));
    case 'DeploymentPlan':
      return deploymentFor(textOf(call), true);
    default:
      throw unexpected(call);
  }
}

/** One of several who work side by side. Work that comes back is one piece, and comes to one of them. */
function partAnswer(call: ScriptedCall, script: MilestoneScript, tale: Tale): Artifact {
  const named = (id: string) => id === call.part;
  const part = partsOf(script).find(({ id }) => named(id) || named(`${REVIEW_OF}${id}`));
  const suite = suitesOf(script).find(({ id }) => named(id));
  if (part !== undefined && call.schema === 'Change') return first(call, changeOf(part, versionsOf(script, tale)[0]!));
  if (part !== undefined && call.schema === 'Review') return reviewOf(part, script, textOf(call));
  if (suite !== undefined && call.schema === 'TestSuite') return first(call, suiteOf(suite, script.tests));
  throw unexpected(call);
}

function versionsOf({ code, changes, caughtBy }: MilestoneScript, tale: Tale): readonly Artifact<'Change'>[] {
  if (caughtBy === undefined || tale.caughtBy.includes(caughtBy)) return changes;
  return [{ ...changes[0]!, files: [...code] }];
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

const nameOf = ({ milestone, stage, part, iteration, schema }: ScriptedCall): string =>
  `${schema} in ${[milestone, stage, ...(part === undefined ? [] : [part]), iteration].join('/')}`;

const unexpected = (call: ScriptedCall) => new Error(`nothing is scripted for ${nameOf(call)}`);
