// What the tests of the engine are made of: a handoff in which all is well, and a pipeline of these stages.
import type { Handoff } from '../../src/domain/handoff';
import { Pipeline, type Stage } from '../../src/domain/pipeline';
import { noUsage } from '../../src/domain/usage';

export const handoff = (change: Partial<Handoff> = {}): Handoff => ({
  status: 'ok',
  confidence: 1,
  summary: 'done',
  facts: {},
  usage: noUsage,
  ...change,
});

export const pipelineOf = (stages: Record<string, Partial<Stage>>) => Pipeline.parse({ name: 'p', stages });
