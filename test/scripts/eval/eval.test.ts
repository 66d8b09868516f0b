// `npm run eval` as people run it: real deliveries of a task of our own, and the words for a file that is broken.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { task } from './tasks';

jest.setTimeout(1_800_000);

const folder = mkdtempSync(join(tmpdir(), 'millwright-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function evaluated(content: string, ...options: string[]) {
  const file = join(folder, 'tasks.jsonl');
  writeFileSync(file, content);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.cjs', 'eval', file, ...options], {
    ...{ cwd: join(__dirname, '../../..'), encoding: 'utf8', timeout: 1_700_000 },
  });
  return { code: status, stdout, stderr };
}

test('a file that is broken is refused with its line, before anything is started', () => {
  const { code, stderr } = evaluated('{"id":');
  expect(code).toBe(2);
  expect(stderr).toMatch(/tasks\.jsonl:1: not JSON: /);
  expect(evaluated(JSON.stringify(task('a')), '--ways', 'best').stderr).toMatch(/There is no "best"; expected some of/);
});

test('the bug that weak tests let pass is found with mutants, and merges without', () => {
  const { code, stdout, stderr } = evaluated(
    JSON.stringify(task('fee')),
    '--json',
    '--parallel',
    '1',
    '--ways',
    'good-strong,buggy-weak',
  );
  if (code !== 0) console.error(stderr);
  expect(code).toBe(0);
  const { ways, curve, found, tasks } = JSON.parse(stdout) as Record<string, { [key: string]: unknown }[]>;
  const merged = (code_: string, tests: string, mutants: boolean) =>
    ways!.find((way) => way.code === code_ && way.tests === tests && way.mutants === mutants)!.merged;
  expect(merged('good', 'strong', true)).toEqual({ of: 1, count: 1 });
  expect(merged('buggy', 'weak', false)).toEqual({ of: 1, count: 1 });
  expect(merged('buggy', 'weak', true)).toEqual({ of: 1, count: 0 });
  expect(found).toEqual({ of: 1, count: 1 });
  expect(curve!.length).toBeGreaterThan(5);
  expect(JSON.stringify(tasks)).toContain('"sent_back":true');
});

test('with --check-only the check is run by itself, and its scores are on the curve', () => {
  const { code, stdout, stderr } = evaluated(
    JSON.stringify(task('fee')),
    ...['--check-only', '--json', '--parallel', '1', '--ways', 'good-strong,buggy-strong,buggy-weak'],
  );
  if (code !== 0) console.error(stderr);
  const { curve, tasks } = JSON.parse(stdout) as {
    curve: { threshold: number; good: unknown; buggy: unknown }[];
    tasks: { deliveries: { code: string; tests: string; sent_back: boolean }[] }[];
  };
  expect(curve.find(({ threshold }) => threshold === 0.86)).toEqual({
    ...{ threshold: 0.86, good: { of: 1, count: 0 }, buggy: { of: 1, count: 1 } },
  });
  // The strong tests fail on the buggy code: there is nothing to check.
  expect(tasks[0]!.deliveries).toEqual([
    expect.objectContaining({ code: 'good', tests: 'strong', sent_back: false }),
    expect.objectContaining({ code: 'buggy', tests: 'weak', sent_back: true }),
  ]);
});
