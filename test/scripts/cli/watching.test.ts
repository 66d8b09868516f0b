// Watching, as a process of its own: the list of all projects has no end of its own, and a reader who has seen enough is no failure.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openTown, type Town } from './town';

const RUN = join(__dirname, '../../../scripts/run.cjs');

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const start = (project: string) =>
  town.verb('start', '--request', `Make ${project}`, '--repository', `${project}.git`, '--project', project);

function watchAll() {
  const child = spawn(process.execPath, [RUN, 'status', '--watch'], { env: { ...process.env, ...town.env } });
  let out = '';
  let err = '';
  child.stderr.on('data', (piece) => (err += String(piece)));
  child.stdout.on('data', (piece) => (out += String(piece)));
  const said = async (words: RegExp): Promise<void> => {
    while (!words.test(out)) await once(child.stdout, 'data');
  };
  return { child, said, out: () => out, err: () => err };
}

test('without an id it watches all projects, a line for each change, until Ctrl-C', async () => {
  const watch = watchAll();
  await watch.said(/Nothing has been started yet/);
  expect((await start('shop')).code).toBe(0);
  await watch.said(/^\d\d:\d\d:\d\d shop: running$/m);
  expect((await start('office')).code).toBe(0);
  await watch.said(/^\d\d:\d\d:\d\d office: running$/m);
  expect(watch.out().match(/shop/g)).toHaveLength(1);
  const over = once(watch.child, 'exit');
  watch.child.kill('SIGINT');
  await over;
  expect(watch.err()).toBe('');
});

test.each([['status --watch'], ['status shop --watch']])('%s ends quietly when nobody reads on', async (verb) => {
  const pipe = `node "${RUN}" ${verb} | true; echo "\${PIPESTATUS[0]}"`;
  const env = { ...process.env, ...town.env };
  const said = await new Promise<{ out: string; err: string }>((resolve) =>
    execFile('bash', ['-c', pipe], { env }, (_, out, err) => resolve({ out, err })),
  );
  expect(said).toEqual({ out: '0\n', err: '' });
});

test('--watch and --json exclude each other, with an id and without', async () => {
  for (const id of [[], ['shop']]) {
    const said = await town.verb('status', ...id, '--watch', '--json');
    expect([said.code, said.err]).toEqual([2, expect.stringContaining('choose one')]);
  }
});
