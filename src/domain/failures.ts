// Every failure that no retry cures, by name. Anything not named here is retried by Temporal.
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { Usage } from './usage';

export type PermanentFailure =
  | 'InvalidInput' // a person gave something that cannot work: say what, and stop
  | 'InvalidDefinition' // a pipeline, agent or model file is broken
  | 'CredentialsRefused' // 401, 403, 404, quota: the run waits for `credentials`
  | 'SandboxMissing' // no sandbox, so no untrusted code is run: the run waits for `sandbox`
  | 'DependenciesRefused' // what the base depends on cannot be installed as its lockfile says
  | 'RepositoryRefused' // git refused the push for good: hook, permission, not a repository
  | 'LedgerUnreadable'; // what the history points at is not in the ledger

/** What a failed call is known to have cost travels with it: billed and lost is counted too. */
export type FailureDetails = { usage?: Usage };

export function permanent(
  type: PermanentFailure,
  message: string,
  cause?: unknown,
  details?: FailureDetails,
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    cause: cause instanceof Error ? cause : undefined,
    details: details && [details],
  });
}

export type TransientFailure =
  | 'ModelRateLimited'
  | 'ModelStalled'
  | 'ModelUnavailable'
  | 'DiskFull'
  | 'RepositoryUnavailable'
  | 'ForgeUnavailable'
  | 'RegistryUnavailable'
  | 'StaleAttempt'; // the work has been given to another worker: whatever this one still does is too late

export function transient(
  type: TransientFailure,
  message: string,
  options: { retryAfterMs?: number; cause?: unknown; details?: FailureDetails } = {},
) {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: false,
    nextRetryDelay: options.retryAfterMs,
    cause: options.cause instanceof Error ? options.cause : undefined,
    details: options.details && [options.details],
  });
}

/** One of those above, and this one. */
export const isTyped = (error: unknown, type: PermanentFailure | TransientFailure): error is ApplicationFailure =>
  error instanceof ApplicationFailure && error.type === type;

// A bare ZodError in workflow code is a failed workflow task, which Temporal repeats for ever; this ends the run instead.
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, what = 'input'): z.output<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw permanent('InvalidInput', `${what}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
