// Makes sure that a server of the user's own knows Millwright's search attributes: the inbox is a query over them.
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../../src/domain/names';
import { grpc, grpcCode } from './grpc-code';

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType
const USABLE_SECONDS = 30;
const WITHHELD: readonly (number | undefined)[] = [grpc.permissionDenied, grpc.unimplemented, grpc.unauthenticated];

/** Adds those that are missing, waits until they can be used, and names them. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const missing = await missingIn(connection, namespace);
  if (missing.length === 0) return [];
  await add(connection, namespace, missing);
  await untilUsable(connection, namespace, missing);
  return missing;
}

async function missingIn(connection: Connection, namespace: string): Promise<string[]> {
  const names = Object.values(searchAttributes);
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch((error: unknown) => refuse(error, namespace, names));
  const mistyped = names.filter((name) => ![undefined, KEYWORD].includes(customAttributes?.[name]));
  if (mistyped.length === 0) return names.filter((name) => customAttributes?.[name] === undefined);
  throw new Error(`In namespace ${namespace}, ${mistyped.join(' and ')} must be of type Keyword, and is of another.`);
}

async function add(connection: Connection, namespace: string, names: readonly string[]): Promise<void> {
  const keywords = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  await connection.operatorService
    .addSearchAttributes({ namespace, searchAttributes: keywords })
    .catch((error: unknown) => {
      if (grpcCode(error) !== grpc.alreadyExists) return refuse(error, namespace, names); // else somebody was faster
    });
}

/** The frontends learn of a new attribute some seconds later; a workflow started before that would be refused. */
async function untilUsable(connection: Connection, namespace: string, names: readonly string[]): Promise<void> {
  const query = names.map((name) => `${name} = "x"`).join(' OR ');
  const deadline = Date.now() + USABLE_SECONDS * 1000;
  for (;;) {
    const refusal = await connection.workflowService
      .countWorkflowExecutions({ namespace, query })
      .then(() => undefined)
      .catch((error: unknown) => error);
    if (refusal === undefined) return;
    if (Date.now() > deadline) throw refusal;
    await pause(200);
  }
}

function refuse(error: unknown, namespace: string, names: readonly string[]): never {
  if (!WITHHELD.includes(grpcCode(error))) throw error;
  const commands = names.map(
    (name) => `  temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
  );
  throw new Error(
    `The server does not let Millwright see or add search attributes in namespace ${namespace}. ` +
      `Have them added (in Temporal Cloud: in the namespace's settings):\n${commands.join('\n')}`,
    { cause: error },
  );
}
