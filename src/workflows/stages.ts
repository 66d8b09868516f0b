// How each kind of stage is done.
import { agentOf } from '../domain/definition';
import type { Handoff } from '../domain/handoff';
import { stageKind } from '../domain/pipeline';
import { callAgents } from './agent-stage';
import { awaitApproval } from './approval-stage';
import { check } from './check-stage';
import { merge } from './merge-stage';
import { deliverMilestones } from './milestones';
import type { Run } from './run';

export function perform(run: Run, name: string, iteration: number): Promise<Handoff> {
  const stage = run.subject.pipeline.stages[name]!;
  switch (stageKind(stage)) {
    case 'agent':
      return callAgents(run, name, stage, iteration);
    case 'check':
      return check(run, name, stage, iteration);
    case 'approval':
      return awaitApproval(run, name, stage, iteration);
    case 'merge':
      return merge(run, name, iteration);
    case 'pipeline':
      return deliverMilestones(run, name, stage);
  }
}

export function confidenceDemanded(run: Run, name: string): number {
  const { pipeline, definition } = run.subject;
  return agentOf(definition.agents, pipeline.stages[name]!)?.confidence ?? 0;
}
