// The shipped pipelines: wherever a person is asked because work was sent back, the words of that person reach an agent.
import { loadPipelines } from '../scripts/docs/definitions';
import { begin, guide, settle, type EngineState } from '../src/domain/engine';
import { isMeant } from '../src/domain/handoff';
import { stageNames, upstream, type Pipeline } from '../src/domain/pipeline';
import { handoff } from './domain/engine-parts';

const WORDS = 'adding means the sum';

/** All before the stage is done, and it runs, with no rounds left. */
function spent(pipeline: Pipeline, stage: string): EngineState {
  const fresh = begin(pipeline);
  const before = upstream(pipeline, stage);
  const done = { status: 'done', iteration: 1, handoff: handoff() } as const;
  const running = { status: 'running', iteration: 1, reworks: pipeline.stages[stage]!.onRework!.max } as const;
  const stages = Object.entries(fresh.stages).map(([name, state]) => {
    const now = name === stage ? running : before.has(name) ? done : {};
    return [name, { ...state, ...now }] as const;
  });
  return { ...fresh, stages: Object.fromEntries(stages) };
}

/** Each stage that sends work back, with each cause that it tells apart, and one that it does not. */
const exits = loadPipelines().flatMap((pipeline) =>
  stageNames(pipeline).flatMap((stage) => {
    const { onRework } = pipeline.stages[stage]!;
    const causes = onRework === undefined ? [] : [...Object.keys(onRework.except), 'any other'];
    return causes.map((cause) => [pipeline.name, stage, cause, pipeline] as const);
  }),
);

test.each(exits)('%s: guidance where %s is stuck with %s', (_, stage, cause, pipeline) => {
  const result = handoff({ status: 'rework', cause });
  const stuck = settle(pipeline, spent(pipeline, stage), { stage, iteration: 1, handoff: result, confidence: 0 });
  if (stuck.ended !== undefined) return expect(stuck.ended.how).toBe('failed');
  expect(stuck.escalations).toHaveLength(1);
  const { stages } = guide(pipeline, stuck, 'ada', WORDS);
  const hearing = stageNames(pipeline).filter((name) =>
    stages[name]!.feedback.some((item) => item.note === WORDS && isMeant(item)),
  );
  expect(hearing.map((name) => [name, typeof pipeline.stages[name]!.agent])).toEqual([[hearing[0], 'string']]);
});
