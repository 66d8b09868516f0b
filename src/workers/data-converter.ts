// How the workers read and write what Temporal holds: plainly, or encrypted, where there are keys.
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import { createCodec } from '../adapters/encryption/codec';
import type { Config } from './config';

const workflows = join(__dirname, '../workflows');

/** For the workflows' bundle and for the worker that runs it. */
export const payloadConverterPath = join(workflows, 'payload-converter.ts');
export const failureConverterPath = join(workflows, 'failure-converter.ts');

/** The same in every worker. Without a key what is encrypted is still known for what it is. */
export function dataConverter({ encryption = [] }: Pick<Config, 'encryption'>): Pick<WorkerOptions, 'dataConverter'> {
  return {
    dataConverter: {
      payloadConverterPath,
      payloadCodecs: [createCodec(encryption, 'leave')],
      ...(encryption.length > 0 && { failureConverterPath }),
    },
  };
}
