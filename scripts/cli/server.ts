// The server behind a verb: reached once, asked with patience that ends, closed whatever happens.
import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { connect, type Connected } from '../stack/connection';
import { grpcCode } from '../stack/grpc-code';
import { ensureSearchAttributes } from '../stack/search-attributes';
import { Ended, exitCodes } from './exit-codes';

const ANSWER_SECONDS = 10;
const UNREACHED: readonly (number | undefined)[] = [1, 4, 14]; // CANCELLED (by our own deadline), DEADLINE_EXCEEDED, UNAVAILABLE

export type { Connected };

export async function withServer<T>(work: (server: Connected) => Promise<T>): Promise<T> {
  const server = await connect().catch((error: unknown) => {
    // Without a status of the server's it is the configuration that cannot be used.
    throw new Ended(grpcCode(error) === undefined ? exitCodes.usage : exitCodes.unanswered, (error as Error).message);
  });
  try {
    return await work(server);
  } catch (error) {
    throw isUnreached(error) ? silence(server) : error;
  } finally {
    await server.connection.close();
  }
}

/** One request to the server, with an end to the patience. */
export function ask<T>({ connection }: Connected, question: () => Promise<T>, seconds = ANSWER_SECONDS): Promise<T> {
  return connection.withDeadline(Date.now() + seconds * 1000, question);
}

/** Whether it is the server that did not answer. */
export const isUnreached = (error: unknown): boolean => UNREACHED.includes(grpcCode(error));

const silence = ({ address }: Connected) =>
  new Ended(
    exitCodes.unanswered,
    `The Temporal server at ${address} has stopped answering. Look whether it is up, then do the same again.`,
  );

/** A run that is not there is said so; anything else goes up as it is. */
export function missingRun(error: unknown, id: string, { address, namespace }: Connected): unknown {
  if (!(error instanceof WorkflowNotFoundError) && !(isGrpcServiceError(error) && error.code === 5)) return error;
  const words = `There is no run "${id}" at ${address} (namespace ${namespace}).`;
  const milestone = id.includes('/') ? ' A milestone has one only once it has begun.' : '';
  return new Ended(exitCodes.notFound, `${words}${milestone} npm run status shows those there are.`);
}

/** The search attributes, added where that is allowed; where it is not, the words say what to do. */
export async function prepareNamespace({ connection, namespace }: Connected, warn: (words: string) => void) {
  await ensureSearchAttributes(connection, namespace).catch((error: unknown) => {
    if (isUnreached(error)) throw error;
    warn((error as Error).message);
  });
}
