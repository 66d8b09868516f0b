// Every kind of bundle that a worker may ask for can be made, and says which workflows it has.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowBundle } from '../../src/workers/workflow-bundle';

const cache = mkdtempSync(join(tmpdir(), 'millwright-bundles-'));
afterAll(() => rmSync(cache, { recursive: true }));

test.each([
  ['as it is', {}],
  ['with failures encrypted', { encrypted: true }],
  ['for workers with versions', { versioned: true }],
  ['with both', { encrypted: true, versioned: true }],
])('%s', async (_, kind) => {
  const { codePath } = await workflowBundle(cache, kind);
  const code = readFileSync(codePath, 'utf8');
  for (const name of ['deliverMilestone', 'deliverProject', 'tidyUp']) expect(code).toContain(name);
  expect(code.includes('/workflows/versioned.ts')).toBe('versioned' in kind);
  expect(await workflowBundle(cache, kind)).toEqual({ codePath });
});
