// What all verbs share: how their arguments are read, what --help always says, and how they end.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Ended, exitCodes, exitCodesText, type ExitCode } from './exit-codes';
import { manyLines } from './safe-text';

export type VerbWords = { name: string; does: string; examples: readonly string[] };

/** A command with its examples and exit codes in --help; the verb adds arguments, options and the action. */
export function verb({ name, does, examples }: VerbWords): Command {
  const shown = examples.map((example) => `  npm run ${name}${example === '' ? '' : ` -- ${example}`}`).join('\n');
  const forPrograms = examples.some((example) => example.includes('--json'))
    ? `\n  node scripts/run.cjs ${name} … --json      without npm's own words, for a program`
    : '';
  return new Command(`npm run ${name} --`)
    .description(does)
    .helpOption('-h, --help', 'shows this')
    .configureHelp({ helpWidth: 100 })
    .addHelpText('after', `\nExamples:\n${shown}${forPrograms}\n\nExit codes:\n${exitCodesText}`)
    .showHelpAfterError(`(npm run ${name} -- --help shows how it is used)`)
    .exitOverride();
}

/** Runs it, says in a line why it could not, and ends the process: nothing that is still under way keeps it up. */
export function run(command: Command): void {
  void command
    .parseAsync()
    .then(() => exitCodes.done, explain)
    .then((code) => process.stdout.write('', () => process.exit(code)));
}

/** For a verb that only shows: whoever reads it has seen enough, and closes the pipe. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(exitCodes.done);
  });
}

/** Several of a kind, in the order in which they were given. */
export const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** A whole number. */
export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** A sum of money. */
export function dollars(text: string): number {
  if (!/^\d{1,7}(\.\d{1,4})?$/.test(text))
    throw new InvalidArgumentError('Expected a sum in US dollars, such as 20 or 2.50.');
  return Number(text);
}

function explain(error: unknown): ExitCode {
  // Commander has already said it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const message = error instanceof Error ? error.message : String(error);
  if (message !== '') console.error(manyLines(message));
  return error instanceof Ended ? error.code : exitCodes.failed;
}
