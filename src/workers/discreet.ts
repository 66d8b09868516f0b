// Nothing that a worker holds in secret leaves it through Temporal: no result, no failure, no word of a log.
import type { ActivityInterceptors, WorkerOptions } from '@temporalio/worker';
import { redactedIn, redactor, secretsIn, type Redact } from '../domain/secrets';

/** `named` are the variables that hold keys whatever they are called. */
export function discreetly(
  environment: NodeJS.ProcessEnv,
  named: readonly string[] = [],
): Pick<WorkerOptions, 'interceptors'> {
  const redact = redactor(secretsIn(environment, named));
  const interceptors = (): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        try {
          return redactedIn(await next(input), redact);
        } catch (error) {
          throw silenced(error, redact);
        }
      },
    },
  });
  return { interceptors: { activity: [interceptors] } };
}

/** The same error, with all that caused it, in words that may be repeated. */
function silenced(error: unknown, redact: Redact): unknown {
  if (!(error instanceof Error)) return redactedIn(error, redact);
  const said: { message: string; stack?: string; cause?: unknown; details?: unknown } = error;
  said.message = redact(error.message);
  if (error.stack !== undefined) said.stack = redact(error.stack);
  if (error.cause !== undefined) said.cause = silenced(error.cause, redact);
  if (said.details !== undefined) said.details = redactedIn(said.details, redact);
  return error;
}
