// The request, from the command line, a file or standard input.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ended, exitCodes } from './exit-codes';

const STANDARD_INPUT = 0;

export function readRequest(
  { request, requestFile }: { request?: string; requestFile?: string },
  folder: string,
): string {
  if ((request === undefined) === (requestFile === undefined)) {
    throw new Ended(exitCodes.usage, 'Say what is asked for, with either --request or --request-file.');
  }
  if (request !== undefined) return request;
  const file = requestFile === '-' ? STANDARD_INPUT : resolve(folder, requestFile!);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Ended(exitCodes.usage, `--request-file: ${requestFile} cannot be read (${(error as Error).message}).`);
  }
}
