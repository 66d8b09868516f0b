// Where the person stands: npm runs a verb in the package's folder, and relative paths mean the folder they typed them in.
import { resolve } from 'node:path';

export function whereTyped(verb: string, environment: NodeJS.ProcessEnv = process.env): string {
  const byNpm = environment.npm_lifecycle_event === verb && environment.INIT_CWD;
  return byNpm ? resolve(environment.INIT_CWD!) : process.cwd();
}

/** A URL or `user@host:path` stays as it is; a path becomes absolute, since workers stand elsewhere. */
export function absoluteRepository(text: string, folder: string): string {
  const remote = /^[A-Za-z][\w+.-]*:\/\//.test(text) || /^[\w.-]+@[\w.-]+:/.test(text) || text.includes('::');
  return remote || text === '' ? text : resolve(folder, text);
}
