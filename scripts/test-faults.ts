// `npm run test:faults`: every test that docs/reliability.md names, also the heavy ones that `npm test` leaves out, such as those
// on Temporal's real server. Its last line is for machines: N passed, N failed, N skipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../src/adapters/provision/cache';
import { providePostgres } from '../src/adapters/provision/postgres';
import { provideTemporalServer } from '../src/adapters/provision/temporal-server';
import { verb } from './cli/verb';
import { endWith, inWords, provision, ROOT, runTests, timed } from './test/running';

const help = verb({
  name: 'test:faults',
  does: "Fetches and builds what the tests of faults need, Temporal's real server included (Go, some minutes, once), and runs every test that docs/reliability.md names. The last line counts them.",
  examples: ['', 'test/faults/postgres.heavy.test.ts', '--testNamePattern=killed'],
})
  .argument('[files...]', 'these alone')
  .usage('[files...] [options of jest]');

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return help.outputHelp();
  await timed('what the tests need', provisionAll);
  const named = args.some((arg) => !arg.startsWith('-'));
  // That option takes all that follows it, so it stands last.
  await runTests([...(named ? [] : ofFaults()), ...args, '--testPathIgnorePatterns=/node_modules/']);
}

/** What shows a promise is named beside it. */
function ofFaults(): string[] {
  const promises = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
  return [...new Set([...promises.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file]) => file!))];
}

async function provisionAll(): Promise<void> {
  await provision();
  await providePostgres(cacheFolder(), console.log);
  // A machine without Go can still run the others; those that need the server say what is missing.
  await provideTemporalServer(cacheFolder(), console.log).catch((error: unknown) => console.error(inWords(error)));
}

endWith(main(process.argv.slice(2)));
