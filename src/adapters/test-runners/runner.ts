// What every runner of tests is given, and what it gives back.
import type { TestRun } from '../../activities/ports';

export type RunnerInput = {
  folder: string;
  files: readonly string[];
  coverage: boolean;
  timeoutSeconds?: number;
  signal?: AbortSignal;
};

/** A run is complete unless there was trouble. */
export type RunnerResult = Omit<TestRun, 'complete'>;
