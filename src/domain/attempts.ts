// What a run's evaluations said: the score of what was delivered, and everything that was tried before.
import { z } from 'zod';
import type { EngineState, Round } from './engine';
import type { Scores } from './rubric';

export const Breakdown = z.object({
  correctness: z.number(),
  code_quality: z.number(),
  security: z.number(),
  maintainability: z.number(),
  scalability: z.number(),
}) satisfies z.ZodType<Scores>;

const ATTEMPTS_KEPT = 50;

/** One candidate as it was evaluated. */
export const Attempt = z.object({
  iteration: z.number().int(),
  score: z.number().describe('the weighted mean'),
  breakdown: Breakdown,
  summary: z.string().describe('what fell short, where something did'),
});
export type Attempt = z.infer<typeof Attempt>;

export type Evaluated = {
  /** Of what was delivered. */
  score?: number;
  breakdown?: Attempt['breakdown'];
  attempts?: Attempt[];
};

/** Nothing where nothing was evaluated. */
export function evaluated({ stages }: EngineState): Evaluated {
  const all = Object.values(stages).flatMap(({ rounds, handoff, iteration }) =>
    rounds.flatMap((round) => {
      const attempt = attemptOf(round);
      return attempt === undefined ? [] : [{ attempt, counts: handoff !== undefined && round.iteration === iteration }];
    }),
  );
  if (all.length === 0) return {};
  const { score, breakdown } = all.findLast(({ counts }) => counts)?.attempt ?? {};
  return {
    attempts: all.map(({ attempt }) => attempt),
    ...(score !== undefined && { score, breakdown }),
  };
}

/** The same, with no more of its past than is still asked for: all of it is in the ledger. */
export function abridged(state: EngineState): EngineState {
  const stages = Object.entries(state.stages).map(([name, stage]) => {
    const rounds = stage.rounds.filter((round) => attemptOf(round) !== undefined).slice(-ATTEMPTS_KEPT);
    return [name, { ...stage, rounds }] as const;
  });
  return { ...state, stages: Object.fromEntries(stages) };
}

/** What did not do, or not yet. */
export const triedBefore = ({ attempts = [], score }: Evaluated): Attempt[] =>
  score === undefined ? attempts : attempts.slice(0, -1);

export function attemptOf({ iteration, handoff }: Round): Attempt | undefined {
  if (handoff.artifact?.kind !== 'Evaluation') return undefined;
  const { mean: score, scores: breakdown } = handoff.facts;
  const attempt = Attempt.safeParse({ iteration, score, breakdown, summary: handoff.summary });
  return attempt.success ? attempt.data : undefined;
}
