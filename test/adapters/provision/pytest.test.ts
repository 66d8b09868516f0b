// pytest comes into a cache of its own, once, however often it is asked for.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { providePytest } from '../../../src/adapters/provision/pytest';

const cache = mkdtempSync(path.join(tmpdir(), 'pytest-test-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

test('installs pytest and coverage for the Python of the sandbox', async () => {
  const said: string[] = [];
  const one = await providePytest(cache, (text) => said.push(text));
  expect(await providePytest(cache, (text) => said.push(text))).toEqual(one);
  expect(one.python).toMatch(/^\/usr\//);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(said).toEqual([expect.stringMatching(/^installing pytest==.* and coverage==/)]);
  const printed = execFileSync(one.python, ['-c', 'import pytest, coverage; print(pytest.__file__)'], {
    env: { PYTHONPATH: one.folder },
    encoding: 'utf8',
  });
  expect(printed).toContain(one.folder);
});
