// `npm test`: fetches what the tests need, checks types, lint and format, then runs jest, and stops at what fails first.
// With arguments it runs jest alone, on what they name. Its last line is for machines: N passed, N failed, N skipped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { verb } from './cli/verb';
import { bin, endWith, Failed, inWords, provision, ROOT, runTests, timed } from './test/running';

const help = verb({
  name: 'test',
  does: 'Fetches what the tests need, checks types, lint and format, and runs all tests. The last line counts them.',
  examples: ['', 'test/domain/gate.test.ts', '--testNamePattern="merging twice"'],
})
  .argument('[files...]', 'these alone, and without the checks')
  .usage('[files...] [options of jest]');

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return help.outputHelp();
  await timed('what the tests need', provision);
  if (args.every((arg) => arg.startsWith('-'))) {
    // Side by side they take three quarters of the time on two cores.
    await all([check('types', 'tsc', '--noEmit'), check('lint', 'eslint', '.')]);
    await check('format', 'prettier', '--check', '.');
  }
  await runTests(args);
}

/** Lets every check finish and have its say. */
async function all(checks: readonly Promise<void>[]): Promise<void> {
  const complaints = (await Promise.allSettled(checks)).filter((check) => check.status === 'rejected');
  if (complaints.length > 0) throw new Failed(complaints.map(({ reason }) => inWords(reason)).join('\n\n'));
}

/** A tool that is heard only when it complains. */
async function check(name: string, tool: string, ...args: string[]): Promise<void> {
  await timed(name, async () => {
    const child = spawn(bin(tool), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    if (code !== 0) throw new Failed(`${said}${complained}\n${[tool, ...args].join(' ')} failed.`);
  });
}

endWith(main(process.argv.slice(2)));
