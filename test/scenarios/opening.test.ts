// A repository that does not answer: the run says so under a name, goes on when it answers, and can be called off meanwhile.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { freePorts } from '../../scripts/stack/ports';
import { serve } from '../adapters/git/daemon';
import { bare, git } from '../adapters/git/ground';
import { specification } from './answers';
import { small } from './definitions';
import { useMill } from './mill';

const mill = useMill({ definitions: small });

test('it waits for the repository, is found in the inbox, and goes on when it is there', async () => {
  const [port] = await freePorts(1);
  const target = bare({ 'README.md': '# Sums\n' });
  const repository = `git://127.0.0.1:${port}/${path.basename(target)}`;
  const run = await mill.milestone({ specify: [specification()] }, { pipeline: 'solo', repository });
  const { detail } = await run.untilItWaitsFor('repository');
  expect(detail).toContain(`127.0.0.1:${port}`);
  expect(await mill.inbox('repository', run.id)).toContain(run.id);

  await serve(path.dirname(target), port!);
  await run.say('resume', { by: 'ada' });
  expect(await run.result()).toEqual({ outcome: 'complete' });
  expect(git(target, 'for-each-ref', '--format=%(refname)', 'refs/millwright')).toContain(run.id);
  expect(await mill.inboxOnce('repository', ({ length }) => length === 0)).toEqual([]);
});

test.each(['project', 'milestone'] as const)('a %s is called off while it opens, and ends at once', async (kind) => {
  const held: Socket[] = [];
  const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const run = await mill[kind]({}, { repository: `https://127.0.0.1:${port}/never.git`, pipeline: 'solo' });
  await run.until(({ state }) => state === 'running', 'it opens');
  const said = await run.answered(() => run.say('abandon', { by: 'ada', note: 'wrong address' }));
  expect(said).toMatchObject({ accepted: true });
  expect(await run.result()).toMatchObject({ outcome: 'abandoned', reason: 'abandoned by ada: wrong address' });
  held.forEach((socket) => socket.destroy());
  silent.close();
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
