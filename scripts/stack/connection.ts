// The Temporal server that the scripts talk to, as Temporal's own variables and profiles name it (TEMPORAL_ADDRESS,
// TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, TEMPORAL_PROFILE), with the link to its UI.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createCodec, type Unread } from '../../src/adapters/encryption/codec';
import { encryptionKeys } from '../../src/adapters/encryption/keys';
import { grpc, grpcCode } from './grpc-code';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';
const ANSWER_SECONDS = 10;

export type Connected = { client: Client; connection: Connection; namespace: string; address: string; uiUrl: string };

/** Who connects closes: `connection.close()`. */
export async function connect(): Promise<Connected> {
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = configured();
  const { address = DEFAULT_ADDRESS, apiKey, metadata, tls } = connectionOptions;
  await demandAnswer({ address, apiKey, metadata, tls }, namespace);
  const connection = Connection.lazy({ address, apiKey, metadata, tls });
  const client = clientOf({ connection, namespace }, 'refuse');
  return { client, connection, namespace, address, uiUrl: uiUrlFor(address) };
}

/** Reads and writes as the workers do. Lists `tell`: one run that cannot be read here must not hide the others. */
export function clientOf(
  { connection, namespace }: Pick<Connected, 'connection' | 'namespace'>,
  unread: Unread,
): Client {
  return new Client({
    ...{ connection, namespace },
    dataConverter: { payloadCodecs: [createCodec(encryptionKeys(process.env), unread)] },
  });
}

function configured(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Temporal's configuration cannot be read (${why}). Look at the file that TEMPORAL_CONFIG_FILE names, or ` +
        '`temporal config list` shows, and at TEMPORAL_PROFILE and the TEMPORAL_TLS_… variables.',
      { cause: error },
    );
  }
}

async function demandAnswer(options: ConnectionOptions & { address: string }, namespace: string): Promise<void> {
  // Without interceptors nothing is tried again, so that the first refusal shows, and at once.
  const probe = Connection.lazy({ ...options, interceptors: [] });
  const question = () => probe.workflowService.describeNamespace({ namespace });
  try {
    await probe.withDeadline(Date.now() + ANSWER_SECONDS * 1000, question);
  } catch (error) {
    throw new Error(inWords(error, options.address, namespace), { cause: error });
  } finally {
    await probe.close();
  }
}

function inWords(error: unknown, address: string, namespace: string): string {
  switch (grpcCode(error)) {
    case grpc.notFound:
      return (
        `The Temporal server at ${address} has no namespace "${namespace}". Choose another with TEMPORAL_NAMESPACE, ` +
        `or create it: temporal operator namespace create --namespace ${namespace}`
      );
    case grpc.unauthenticated:
    case grpc.permissionDenied:
      return (
        `The Temporal server at ${address} refuses these credentials for namespace "${namespace}". ` +
        'Check TEMPORAL_API_KEY, or the TEMPORAL_TLS_… variables.'
      );
    case undefined:
    default:
      return (
        `No Temporal server answers at ${address} (${error instanceof Error ? error.message : String(error)}). ` +
        'Start one with `npm run dev`, or name yours with TEMPORAL_ADDRESS.'
      );
  }
}

/** MILLWRIGHT_UI_URL decides; otherwise Temporal Cloud's, or where the development server has it: a thousand ports up. */
export function uiUrlFor(address: string): string {
  if (process.env.MILLWRIGHT_UI_URL) return process.env.MILLWRIGHT_UI_URL.replace(/\/+$/, '');
  const { hostname, port } = new URL(`http://${address}`);
  if (/(^|\.)(tmprl\.cloud|temporal\.io)$/.test(hostname)) return 'https://cloud.temporal.io';
  return `http://${hostname}:${Number(port || '7233') + 1000}`;
}

/** Without a run, the UI shows the latest. */
export function workflowLink(uiUrl: string, namespace: string, workflowId: string, runId?: string): string {
  const parts = ['namespaces', namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId, 'history'])];
  return [uiUrl, ...parts.map(encodeURIComponent)].join('/');
}
