// The process that reads objects: whatever becomes of it, an answer is right, or an error, and the next question is answered.
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { Reader } from '../../../src/adapters/git/reader';
import { leastComputed } from '../../quickest';
import { bare, git } from './ground';

const big = 'x'.repeat(3_000_000);
const repository = bare({ 'a.txt': 'one\n', 'big.txt': big, 'empty.txt': '' });
const sha = (name: string) => git(repository, 'rev-parse', `main:${name}`);
const [small, large, empty] = [sha('a.txt'), sha('big.txt'), sha('empty.txt')];
const nowhere = '0'.repeat(40);

const started: ChildProcessWithoutNullStreams[] = [];
afterAll(() => started.forEach((child) => child.kill()));

function reader(): Reader {
  return new Reader(repository, async (args) => {
    const child = spawn('git', [...args], { cwd: repository });
    started.push(child);
    return child;
  });
}
const texts = async (asked: Promise<({ content: Buffer } | undefined)[]>) =>
  (await asked).map((object) => object?.content.toString());

test('answers in the order of the questions, whatever their sizes, many at once', async () => {
  const own = reader();
  const answers = await Promise.all([
    texts(own.contents([small, large, nowhere, empty])),
    own.info([large, nowhere]),
    texts(own.contents([empty, small])),
  ]);
  expect(answers[0]).toEqual(['one\n', big, undefined, '']);
  expect(answers[1]).toMatchObject([{ sha: large, type: 'blob', bytes: big.length }, undefined]);
  expect(answers[2]).toEqual(['', 'one\n']);
});

test('is one process for all of them', async () => {
  const before = started.length;
  const own = reader();
  for (let asked = 0; asked < 20; asked++) await own.contents([small]);
  expect(started.length - before).toBe(1);
});

test('sees what was added since it began', async () => {
  const own = reader();
  expect(await own.info([small])).toHaveLength(1);
  const added = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository, input: 'new' })
    .toString()
    .trim();
  expect(await texts(own.contents([added]))).toEqual(['new']);
});

test('killed between two questions, it is begun again', async () => {
  const own = reader();
  await own.contents([small]);
  const child = started.at(-1)!;
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await texts(own.contents([small]))).toEqual(['one\n']);
});

test('killed while it is asked, the question fails, and the next one is answered', async () => {
  const own = reader();
  await own.contents([small]);
  const child = started.at(-1)!;
  child.kill('SIGSTOP');
  const asked = own.contents([small]);
  child.kill('SIGKILL');
  await expect(asked).rejects.toThrow(/git cat-file/);
  expect(await texts(own.contents([small]))).toEqual(['one\n']);
});

test('a process that could not be begun is begun at the next question, and closing meanwhile harms nothing', async () => {
  let times = 0;
  const own = new Reader(repository, async (args) => {
    if (++times === 1) throw new Error('no room');
    return spawn('git', [...args], { cwd: repository });
  });
  const asked = own.info([small]);
  own.close();
  await expect(asked).rejects.toThrow('no room');
  expect(await texts(own.contents([small]))).toEqual(['one\n']);
  own.close();
});

test('a process that is there without its pipes is an error, and the next one is asked', async () => {
  const pipeless = Object.assign(new EventEmitter(), { kill: () => true }) as ChildProcessWithoutNullStreams;
  let times = 0;
  const own = new Reader(repository, async (args) =>
    ++times === 1 ? pipeless : spawn('git', [...args], { cwd: repository }),
  );
  await expect(own.info([small])).rejects.toThrow();
  expect(await own.info([small])).toHaveLength(1);
  own.close();
});

test('ten times the names take about ten times as long', async () => {
  const own = reader();
  const timed = (names: number) =>
    leastComputed(async () => expect(await own.info(Array<string>(names).fill(small))).toHaveLength(names));
  // What grows with their square would take a hundred times as long.
  expect((await timed(100_000)) / (await timed(10_000))).toBeLessThan(40);
});

test('a folder that is no repository is an error', async () => {
  const own = new Reader('/', async (args) => spawn('git', [...args], { cwd: '/' }));
  await expect(own.contents([small])).rejects.toThrow(/not a git repository/);
});

test.each(['HEAD', 'a\nb', '', `${nowhere}\ninfo ${nowhere}`, `${nowhere}:a.txt`])(
  '%j is no name that it takes',
  async (name) => {
    await expect(reader().info([name])).rejects.toThrow('names no object');
  },
);

test('idle, it holds up no process that wants to end', () => {
  // Its own clocks would end it sooner or later, and the process after it: here they stand still, as good as.
  const script = `
    const later = setTimeout;
    globalThis.setTimeout = (work, ms) => later(work, ms * 1000);
    const { Reader } = require(${JSON.stringify(path.resolve('src/adapters/git/reader.ts'))});
    const { spawn } = require('node:child_process');
    const own = new Reader(${JSON.stringify(repository)}, async (args) => spawn('git', args, { cwd: ${JSON.stringify(repository)} }));
    own.contents(['${small}']).then(([object]) => process.stdout.write(object.content));
  `;
  const ended = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], { timeout: 120_000 });
  expect(ended.toString()).toBe('one\n');
});
