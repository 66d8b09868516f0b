// Temporal's server is built once, and where it cannot be, the words say what is missing.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalServer, provideTemporalServer } from '../../../src/adapters/provision/temporal-server';

const fresh = () => mkdtempSync(join(tmpdir(), 'millwright-provision-'));

/** A `go` that does as it is told here. */
function go(script: string): NodeJS.ProcessEnv {
  const bin = fresh();
  writeFileSync(join(bin, 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}:/usr/bin:/bin` };
}

test('without Go it says so, and what else there is', async () => {
  const cache = fresh();
  const nowhere = { PATH: join(cache, 'nothing') };
  await expect(provideTemporalServer(cache, undefined, nowhere)).rejects.toThrow(
    /there is no `go` on the PATH\. Install Go .*or use `npm run dev`/,
  );
  expect(await findTemporalServer(cache)).toBeUndefined();
});

test('a build that fails is told by its last line, and leaves nothing that would pass for one', async () => {
  const cache = fresh();
  const failing = go('[ "$1" = version ] && exit 0; echo one >&2; echo "no such module" >&2; exit 1');
  await expect(provideTemporalServer(cache, undefined, failing)).rejects.toThrow(
    /go install \S+@v\S+ failed: no such module/,
  );
  expect(await findTemporalServer(cache)).toBeUndefined();
});

test('both programs are built into the cache under names of their own, and the next time found there', async () => {
  const cache = fresh();
  const building = go(
    '[ "$1" = version ] && exit 0; for last; do :; done; name=${last%@*}; touch "$GOBIN/${name##*/}"',
  );
  const said: string[] = [];
  const built = await provideTemporalServer(cache, (line) => said.push(line), building);
  expect(built.server).toMatch(/temporal-server-v[\d.]+\/temporal-server$/);
  expect(built.sqlTool).toMatch(/\/temporal-sql-tool$/);
  expect(said).toHaveLength(1);
  expect(await provideTemporalServer(cache, undefined, { PATH: '/nowhere' })).toEqual(built);
  mkdirSync(join(cache, 'other'));
});
