// What the sandbox promises, tried with real programs. Runs as root and as an ordinary user.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxLimits, SandboxResult, SandboxRun } from '../../../src/activities/ports';
import { defaultLimits } from '../../../src/adapters/sandbox/limits';
import { createSandbox, UNSAFE_WORDS } from '../../../src/adapters/sandbox/sandbox';
import { markOf, processesWith, runs, untilGone } from '../../processes';
import { until } from '../../until';
import { leaveWaiting } from './left-waiting';

const MIB = 1024 * 1024;
const scratch = mkdtempSync(path.join(tmpdir(), 'sandbox-test-'));
const sandbox = createSandbox({ scratch });
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Options = Partial<Omit<SandboxRun, 'command' | 'folder'>> & { files?: Record<string, string> };
async function run(command: readonly string[], { files = {}, ...options }: Options = {}): Promise<SandboxResult> {
  return sandbox.withFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    return sandbox.run({ command, folder, ...options });
  });
}
const shell = (script: string, options?: Options) => run(['bash', '-c', script], options);
const node = (script: string, options?: Options) => run(['node', '-e', script], options);
const limits = (some: Partial<SandboxLimits>) => ({ limits: { wallSeconds: 60, ...some } });

/** What has not even started so long after its end was abandoned: another run ends what that leaves. */
const ABANDONED_MS = 2_000;
afterEach(() => expect(readdirSync(scratch)).toEqual([]));

test('says what keeps the code in, after having tried it', async () => {
  await expect(sandbox.describe()).resolves.toMatch(/^bubblewrap \d.*no network.*empty environment.*processes/);
});

test('runs a program in a copy of the folder, and leaves the folder as it was', async () => {
  await sandbox.withFolder(async (folder) => {
    writeFileSync(path.join(folder, 'a.txt'), 'one');
    const result = await sandbox.run({ command: ['sh', '-c', 'cat a.txt; echo two > a.txt; pwd; id -u'], folder });
    expect(result).toMatchObject({ exitCode: 0, stopped: null, stdout: 'one/box\n1000\n', stderr: '', report: '' });
    expect(readFileSync(path.join(folder, 'a.txt'), 'utf8')).toBe('one');
  });
});

test('passes the exit code on', async () => {
  expect((await shell('exit 7')).exitCode).toBe(7);
});

test('shows read-only files and folders where it was told to, and no .git', async () => {
  await sandbox.withFolder(async (shown) => {
    writeFileSync(path.join(shown, 'file'), 'shown');
    const readOnly = [
      { from: path.join(shown, 'file'), to: '/millwright/shown' },
      { from: '/usr/bin', to: '/millwright/bins' },
    ];
    const result = await shell('cat /millwright/shown; test -x /millwright/bins/env && echo x > /millwright/shown', {
      readOnly,
    });
    expect(result.stdout).toBe('shown');
    expect(result.exitCode).not.toBe(0);
  });
  const listing = await sandbox.withFolder(async (folder) => {
    execFileSync('git', ['init', '--quiet', folder]);
    return sandbox.run({ command: ['ls', '-A'], folder });
  });
  expect(listing.stdout).toBe('');
});

test('reaches nothing over the network, while loopback inside works', async () => {
  let connections = 0;
  const server = createServer((socket) => (connections++, socket.destroy()));
  await new Promise<void>((listening) => server.listen(0, '0.0.0.0', listening));
  const { port } = server.address() as AddressInfo;
  const result = await node(`
    const net = require('net'), dgram = require('dgram');
    const attempt = (host) => new Promise((done) => net.connect({ port: ${port}, host, timeout: 20000 })
      .on('connect', () => done('REACHED')).on('timeout', () => done('timeout')).on('error', (e) => done(e.code)));
    const udp = () => new Promise((done) => dgram.createSocket('udp4').send('x', 53, '1.1.1.1', (e) => done(e ? e.code : 'SENT')));
    const inside = () => new Promise((done) => { const s = net.createServer((c) => c.end('ok')).listen(0, 'localhost', () =>
      net.connect(s.address().port, 'localhost').on('data', (d) => { s.close(); done(String(d)); })); });
    (async () => console.log(await attempt('127.0.0.1'), await attempt('1.1.1.1'), await attempt('169.254.169.254'),
      await attempt('::1'), await udp(), await inside()))().then(() => process.exit(0));`);
  server.close();
  expect(result.stdout).toBe('ECONNREFUSED ENETUNREACH ENETUNREACH ECONNREFUSED ENETUNREACH ok\n');
  expect(connections).toBe(0);
});

test('opens no socket that a network namespace does not hold', async () => {
  const result = await run([
    'python3',
    '-c',
    'import socket\ntry: socket.socket(40, socket.SOCK_STREAM)\nexcept OSError as e: print(e.errno)',
  ]);
  expect(result.stdout).toBe('97\n');
});

test('sees neither the environment nor the processes nor the files of this machine', async () => {
  process.env.MILLWRIGHT_TEST_SECRET = 'sk-secret';
  const result = await shell(
    'env; cat /proc/*/environ | tr "\\0" "\\n"; ls /proc | grep -c "^[0-9]"; ls / /root /home; cat /etc/shadow /etc/hostname',
  );
  delete process.env.MILLWRIGHT_TEST_SECRET;
  expect(result.stdout).not.toMatch(/secret|MILLWRIGHT_|node_modules/);
  expect(result.stdout).toMatch(/^[1-9]$/m);
  expect(result.stdout).not.toMatch(/^(root|home|var|work|opt)$/m);
  expect(result.stdout.match(/^HOME=.*$/m)![0]).toBe('HOME=/tmp');
});

test('gets no descriptor of this process but its own', async () => {
  const result = await shell('ls /proc/self/fd', { reportDescriptor: 5 });
  expect(result.stdout.trim().split('\n')).toEqual(['0', '1', '2', '3', '5']); // 3 is the listing's own
});

test('may not become more than it is', async () => {
  const result = await shell(`
    unshare -U true && echo userns; unshare -n true && echo netns; mount -t tmpfs x /box && echo mount
    echo x > /proc/sys/kernel/core_pattern && echo kernel; echo x > /usr/x && echo usr; echo x > /x && echo root; echo x > /dev/x && echo dev
    grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status`);
  expect(result.stdout).toBe('CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n');
});

test('keeps a program from looking into the Node that started it', async () => {
  const child = `for (const [f, mode] of [['mem', 'r+'], ['environ', 'r'], ['fd/3', 'w']])
    try { require('fs').openSync('/proc/' + process.ppid + '/' + f, mode); console.log(f) } catch (e) { console.log(e.code) }`;
  const result = await node(
    `process.stdout.write(require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(child)}]))`,
    { reportDescriptor: 3 },
  );
  expect(result.stdout).toBe('EACCES\nEACCES\nEACCES\n');
});

test('stops at the wall limit, also what ignores signals', async () => {
  const deaf = 'trap "" TERM INT HUP; echo started; while :; do sleep 1; done';
  let said = '';
  // A slow machine needs longer to start it.
  for (const wallSeconds of [0.5, 5, 30]) {
    const { stopped, stdout, ms } = await shell(deaf, limits({ wallSeconds }));
    expect(stopped).toBe('wall');
    expect(ms).toBeGreaterThanOrEqual(wallSeconds * 1_000 - 10);
    if ((said = stdout) !== '') break;
  }
  expect(said).toBe('started\n');
});

test('stops at the limit of processor time', async () => {
  const result = await node('for (;;);', limits({ cpuSeconds: 1 }));
  expect(result.stopped).toBeNull();
  expect(result.exitCode).not.toBe(0);
});

test('survives a fork bomb', async () => {
  const bomb = `f() { f | f & }; f 2>/dev/null; sleep ${markOf(98766)}`;
  const result = await shell(bomb, limits({ wallSeconds: 1.5, processes: 64 }));
  expect(result.stopped).toBe('wall');
  if (result.ms < 1_500 + ABANDONED_MS) await untilGone(markOf(98766));
});

test('counts the processes of one run without those of another', async () => {
  const sleepers = shell('for i in $(seq 40); do sleep 1 & done; wait; echo done', limits({ processes: 60 }));
  const others = shell('for i in $(seq 40); do sleep 1 & done; wait; echo done', limits({ processes: 60 }));
  expect((await Promise.all([sleepers, others])).map(({ stdout }) => stdout)).toEqual(['done\n', 'done\n']);
});

test('stops endless output, and keeps its beginning and its end', async () => {
  const result = await shell('echo first; yes', limits({ outputBytes: 2 * MIB }));
  expect(result.stopped).toBe('output');
  expect(result.stdout).toMatch(/^first\ny\n[^]*bytes left out[^]*y\n?$/);
  expect(result.stdout.length).toBeLessThan(70_000);
});

test.each([
  ['on the heap', 'const a = []; for (;;) a.push(new Array(1e6).fill(Math.random()))'],
  ['in buffers', 'const a = []; for (;;) a.push(Buffer.alloc(32 << 20, 1))'],
])('stops a hog of memory %s', async (_, script) => {
  const result = await node(script, limits({ memoryBytes: 256 * MIB }));
  expect(result.stopped).toBeNull();
  expect(result.exitCode).not.toBe(0);
});

test('bounds every place that can be written to', async () => {
  const fill = (file: string) =>
    `for i in $(seq 9); do head -c 8M /dev/zero > ${file}$i || break; done 2>/dev/null; du -m --total ${file}* | tail -1 | cut -f1`;
  const result = await shell(
    `${fill('/box/x')}; ${fill('/tmp/x')}; ${fill('/dev/shm/x')}`,
    limits({ diskBytes: 32 * MIB }),
  );
  expect(result.stdout).toBe('32\n32\n32\n');
});

test('bounds a single file', async () => {
  const result = await shell('head -c 100M /dev/zero > x; ls -l x | cut -d" " -f5', limits({ fileBytes: MIB }));
  expect(result.stdout).toBe(`${MIB}\n`);
});

test('says so when the folder does not fit', async () => {
  const result = await shell('echo ran', { files: { big: 'x'.repeat(3 * MIB) }, ...limits({ diskBytes: 2 * MIB }) });
  expect(result).toMatchObject({ stdout: '', stderr: expect.stringMatching(/^tar: /) });
  expect(result.exitCode).not.toBe(0);
});

test('leaves no daemon behind', async () => {
  const sleep = `sleep ${markOf(98765)}`;
  const result = await shell(`(setsid ${sleep} >/dev/null 2>&1 &); (setsid sh -c "${sleep}" &); echo done`);
  expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  await untilGone(markOf(98765));
});

// Its wall limit would end it, too, but later.
const SOONER_MS = defaultLimits.wallSeconds * 500;

test('ends at once when it is cancelled', async () => {
  const sleep = ['sleep', markOf(98764)];
  const controller = new AbortController();
  const ending = run(sleep, { signal: controller.signal });
  await until(() => runs(sleep));
  controller.abort();
  const result = await ending;
  expect(result.stopped).toBe('cancelled');
  expect(result.ms).toBeLessThan(SOONER_MS);
  await untilGone(sleep[1]!);
  expect((await run(sleep, { signal: AbortSignal.abort() })).stopped).toBe('cancelled');
});

test('ends when it is cancelled at any moment of its start', async () => {
  const mark = markOf(98763);
  for (let step = 0; step < 120; step++) {
    const controller = new AbortController();
    const began = performance.now();
    // A timer of Node's counts in milliseconds, which are too coarse: what matters here happens within a few.
    const wait = () => (performance.now() - began < step / 4 ? setImmediate(wait) : controller.abort());
    wait();
    const result = await run(['sleep', mark], { signal: controller.signal });
    expect(result.stopped).toBe('cancelled');
    expect(result.ms).toBeLessThan(SOONER_MS);
    if (result.ms < ABANDONED_MS) await untilGone(mark);
  }
  await untilSwept(mark);
});
test('runs nothing any more when its worker was killed at any moment of its start', async () => {
  const program = path.join(__dirname, 'doomed.ts');
  const sleep = ['sleep', markOf(98762)];
  for (let ms = 0; ms <= 12; ms++) {
    spawnSync('node', ['--import', 'tsx', program, scratch, `${ms}`, ...sleep], { stdio: 'ignore' });
    await until(() => !runs(sleep));
  }
  await untilSwept(sleep[1]!);
  for (const left of readdirSync(scratch)) rmSync(path.join(scratch, left), { recursive: true }); // the next run would
});

test('ends what a killed worker left of bubblewrap, and nothing that lives', async () => {
  const mark = markOf(98761);
  const live = new AbortController();
  const living = run(['sleep', markOf(98768)], { signal: live.signal, ...limits({ wallSeconds: 250 }) });
  await until(() => processesWith(markOf(98768)).length > 0);
  await spareWhatIsYoung(mark);
  await delay(SETTLED_MS + 500);
  await shell('true');
  await untilGone(mark);
  live.abort();
  expect((await living).stopped).toBe('cancelled');
});

/** Only what is old is known to be left: tried until this machine is fast enough to find it young. */
async function spareWhatIsYoung(mark: string): Promise<void> {
  for (let tried = 0; ; tried++) {
    const began = performance.now();
    const left = await leaveWaiting(`${mark}-${tried}`);
    await shell('true');
    const found = processesWith(`${mark}-${tried}`);
    if (performance.now() - began > SETTLED_MS) continue;
    return expect(found).toEqual([left]);
  }
}
const SETTLED_MS = 20_000;

/** Until runs have ended what a start that was broken off left behind, when it is old enough. */
const untilSwept = (mark: string) => until(async () => (await shell('true'), processesWith(mark).length === 0));

test('takes a report by its own descriptor, which output cannot pass for', async () => {
  const result = await shell('echo out; echo err >&2; echo report >&4', { reportDescriptor: 4 });
  expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', report: 'report\n' });
  expect((await shell('echo report >&4', {})).report).toBe('');
});

test('stops a report that is too long', async () => {
  const result = await shell('yes >&3', { reportDescriptor: 3, ...limits({ reportBytes: MIB }) });
  expect(result.stopped).toBe('output');
  expect(result.report.length).toBe(MIB);
});

test('removes its folder whatever is in it, and when the work fails', async () => {
  await expect(
    sandbox.withFolder(async (folder) => {
      expect(statSync(folder).mode & 0o077).toBe(0);
      execFileSync('sh', [
        '-c',
        `mkdir -p "${folder}/a/b" && touch "${folder}/a/b/c" && chmod 0 "${folder}/a/b" "${folder}/a"`,
      ]);
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
});

test('a link out of the folder leads nowhere', async () => {
  const result = await shell('ln -s /etc/shadow l; cat l /proc/1/root/etc/shadow');
  expect(result.stdout).toBe('');
});

describe('without bubblewrap', () => {
  const searched = process.env.PATH;
  afterEach(() => void (process.env.PATH = searched));

  test('refuses, and names the cure', async () => {
    process.env.PATH = '/nowhere';
    const missing = createSandbox({ scratch, cache: path.join(tmpdir(), 'no-cache-here') });
    await expect(missing.describe()).rejects.toMatchObject({
      type: 'SandboxMissing',
      message: expect.stringContaining('apt-get install bubblewrap'),
    });
    await expect(missing.run({ command: ['true'], folder: scratch })).rejects.toMatchObject({
      type: 'SandboxMissing',
      nonRetryable: true,
    });
  });
});

describe('unsafe', () => {
  test('is taken only word for word', () => {
    expect(() => createSandbox({ unsafe: 'yes' })).toThrow(UNSAFE_WORDS);
  });

  test('runs the command all the same, and says that nothing keeps it in', async () => {
    const unconfined = createSandbox({ scratch, unsafe: UNSAFE_WORDS });
    expect(await unconfined.describe()).toMatch(/^NONE: /);
    const result = await unconfined.withFolder(async (folder) => {
      writeFileSync(path.join(folder, 'a'), 'one');
      return unconfined.run({ command: ['sh', '-c', 'cat a /box/a; echo report >&3'], folder, reportDescriptor: 3 });
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'oneone', report: 'report\n' });
  });

  test('stops at the wall limit', async () => {
    const unconfined = createSandbox({ scratch, unsafe: UNSAFE_WORDS });
    const sleep = `sleep ${markOf(98763)}`;
    const result = await unconfined.withFolder((folder) =>
      unconfined.run({ command: ['sh', '-c', `${sleep} & ${sleep}`], folder, limits: { wallSeconds: 0.3 } }),
    );
    expect(result.stopped).toBe('wall');
    await untilGone(markOf(98763));
  });
});
