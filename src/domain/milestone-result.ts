// What a milestone comes to in the end, from how its pipeline stands.
import { evaluated } from './attempts';
import type { Ending, EngineState } from './engine';
import type { MilestoneResult } from './schedule';

export const resultOf = (state: EngineState, end: Ending): MilestoneResult => ({
  ...outcomeOf(state, end),
  ...evaluated(state),
});

function outcomeOf(state: EngineState, end: Ending): MilestoneResult {
  if (end.how !== 'complete') return { outcome: end.how, reason: end.reason, ...(end.cause && { cause: end.cause }) };
  const stages = Object.values(state.stages);
  const merged = stages.find(({ handoff }) => typeof handoff?.facts.commit === 'string')?.handoff?.facts;
  if (merged === undefined) return { outcome: 'complete' };
  const approval = stages.find(({ handoff }) => handoff?.facts.subject === merged.candidate)?.handoff?.facts;
  return {
    outcome: 'merged',
    commit: merged.commit as string,
    candidate: merged.candidate as string,
    approvedBy: approval?.by as string,
  };
}
