// The gRPC status codes that messages to people tell apart.
import { isGrpcServiceError } from '@temporalio/client';

export const grpc = {
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unauthenticated: 16,
} as const;

/** The status code of a refused call; undefined for any other failure. */
export function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : undefined;
}
