// `npm test`: its exit code and its last line are what continuous integration reads.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUN = join(__dirname, '../../scripts/run.cjs');

function npmTest(...args: string[]): Promise<{ code: number; stdout: string; lastLine: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, 'test', ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode!, stdout, lastLine: stdout.trimEnd().split('\n').at(-1)!, stderr }),
    );
  });
}

/** Tests apart from ours, with a configuration of their own. */
async function withTests<T>(files: Record<string, string>, work: (...args: string[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-suite-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  try {
    return await work('--config', JSON.stringify({ rootDir: folder, transform: {} }), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('ends well with the numbers of tests', async () => {
  const files = {
    'good.test.js': 'test("a", () => {}); test("b", () => {}); test.skip("c", () => {}); test.todo("d")',
  };
  const { code, lastLine } = await withTests(files, npmTest);
  expect({ code, lastLine }).toEqual({ code: 0, lastLine: '2 passed, 0 failed, 2 skipped' });
});

test('counts a file that does not load as a failure, beside the tests that fail', async () => {
  const files = {
    'bad.test.js': 'test("a", () => {}); test("b", () => { throw new Error("wanted"); })',
    'broken.test.js': 'this does not parse',
  };
  const { code, lastLine, stderr } = await withTests(files, npmTest);
  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '1 passed, 2 failed, 0 skipped' });
  expect(stderr.trimEnd()).toMatch(/jest\.json$/); // jest's own last word: nothing of ours comes after the closing line
});

test.each(['--help', '-h'])('%s teaches it, and runs nothing', async (option) => {
  const { code, stdout, stderr } = await npmTest(option);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: npm run test -- .*jest/);
  expect(stdout).toMatch(/Examples:\n {2}npm run test\n/);
  expect(stdout).not.toMatch(/--watchAll|^\S+: \d+\.\d s$/m); // neither jest's own help nor a check that ran
});

test('says in words that jest ran nothing', async () => {
  const { code, stderr } = await npmTest('no/such/test');
  expect(code).toBe(1);
  expect(stderr).toMatch(/jest ended without a report\.$/m);
});
