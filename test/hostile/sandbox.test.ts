// The sandbox holds: each row of what may be tried in it, by a real program, in JavaScript and in Python. What else it promises
// (limits one by one, cancellation, killed workers, the unsafe words) stands in test/adapters/sandbox/sandbox.test.ts.
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SandboxLimits, SandboxResult } from '../../src/activities/ports';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { lastOutput } from '../../src/adapters/test-runners/text';
import { untilGone } from '../processes';

const MIB = 1024 * 1024;
const scratch = mkdtempSync(path.join(tmpdir(), 'hostile-sandbox-'));
const sandbox = createSandbox({ scratch });
afterEach(() => expect(readdirSync(scratch)).toEqual([]));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Language = 'JavaScript' | 'Python';
const languages: [Language][] = [['JavaScript'], ['Python']];
const programs: Record<Language, string[]> = { JavaScript: ['node', '-e'], Python: ['python3', '-c'] };
const run = (
  language: Language,
  script: Record<Language, string>,
  limits: Partial<SandboxLimits> = {},
): Promise<SandboxResult> =>
  sandbox.withFolder((folder) =>
    sandbox.run({ command: [...programs[language], script[language]], folder, limits: { wallSeconds: 60, ...limits } }),
  );
/** Afterwards the worker does its work as before. */
const healthy = async () =>
  expect((await run('JavaScript', { JavaScript: 'console.log(1)', Python: '' })).stdout).toBe('1\n');

describe('45: nothing leaves, and loopback inside works', () => {
  let heard = 0;
  const servers: Server[] = [];
  const udp = createSocket('udp4', () => (heard += 1));
  const name = `millwright-hostile-${process.pid}`;
  const listen = async (where: object | string) => {
    const server = createServer((socket) => ((heard += 1), socket.destroy()));
    servers.push(server);
    await new Promise<void>((listening) => server.listen(where, listening));
    return server.address() as AddressInfo;
  };
  let ports: { tcp: number; udp: number };
  beforeAll(async () => {
    const { port } = await listen({ port: 0, host: '::' });
    await listen(`\0${name}`);
    await new Promise<void>((bound) => udp.bind(0, '0.0.0.0', bound));
    ports = { tcp: port, udp: udp.address().port };
  });
  afterAll(() => (servers.forEach((server) => server.close()), udp.close()));

  test.each(languages)(
    '%s: TCP, IPv6, UDP and DNS, an abstract socket, the metadata address, a git remote',
    async (language) => {
      const own =
        execFileSync('sh', ['-c', 'hostname -I 2>/dev/null || true'], { encoding: 'utf8' }).trim().split(' ')[0] ||
        '127.0.0.1';
      const result = await run(language, {
        JavaScript: `const net = require('net'), dgram = require('dgram'), dns = require('dns'), { spawnSync } = require('child_process');
const tcp = (to) => new Promise((done) => { const s = net.connect({ timeout: 1000, ...to }); s.on('connect', () => done('REACHED')).on('error', () => done('no')).on('timeout', () => done('no')); });
const udp = (host) => new Promise((done) => dgram.createSocket('udp4').send('x', ${ports.udp}, host, () => done('no')));
const asked = new Promise((done) => dns.resolve4('example.com', (e) => done(e ? 'no' : 'REACHED')));
const inside = new Promise((done) => { const s = net.createServer((c) => c.end('ok')).listen(0, 'localhost', () => net.connect(s.address().port, 'localhost').on('data', (d) => done(String(d)))); });
const git = spawnSync('git', ['ls-remote', 'http://${own}:${ports.tcp}/x.git']).status === 0 ? 'REACHED' : 'no';
Promise.all([...['127.0.0.1', '::1', '${own}', '169.254.169.254', '1.1.1.1'].map((host) => tcp({ host, port: ${ports.tcp} })), tcp({ path: '\\0${name}' }), udp('127.0.0.1'), udp('${own}'), asked, inside]).then((all) => { console.log([...all, git].join()); process.exit(0) });`,
        Python: `import socket, subprocess, threading
def tcp(family, to):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.settimeout(1); s.connect(to); return "REACHED"
    except OSError: return "no"
said = [tcp(socket.AF_INET6 if ":" in h else socket.AF_INET, (h, ${ports.tcp})) for h in ("127.0.0.1", "::1", "${own}", "169.254.169.254", "1.1.1.1")]
said.append(tcp(socket.AF_UNIX, "\\0${name}"))
for host in ("127.0.0.1", "${own}"):
    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, ${ports.udp}))
    except OSError: pass
    said.append("no")
try: socket.getaddrinfo("example.com", 80); said.append("REACHED")
except OSError: said.append("no")
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b"ok")).start()
said.append(socket.create_connection(server.getsockname()).recv(2).decode())
said.append("REACHED" if subprocess.run(["git", "ls-remote", "http://${own}:${ports.tcp}/x.git"], capture_output=True).returncode == 0 else "no")
print(",".join(said))`,
      });
      expect(result).toMatchObject({ exitCode: 0, stdout: `${'no,'.repeat(9)}ok,no\n` });
      await new Promise((later) => setTimeout(later, 100));
      expect(heard).toBe(0);
    },
  );
});

describe('46: nothing of this machine is found', () => {
  const canary = `canary-${process.pid}-a1b2`;
  test.each(languages)('%s: environment, other processes, keys, secrets, sockets', async (language) => {
    process.env.MILLWRIGHT_HOSTILE = canary;
    const planted = path.join(tmpdir(), `planted-${process.pid}`);
    writeFileSync(planted, canary);
    const places = [
      '/root/.ssh',
      `${process.env.HOME}/.ssh`,
      '/run/secrets',
      '/var/run/docker.sock',
      '/run/docker.sock',
      '/etc/shadow',
      '/etc/hostname',
      '/home',
      '/var',
      planted,
      process.cwd(),
      '/proc/1/root/etc/shadow',
      '/proc/1/cwd/package.json',
    ];
    const result = await run(language, {
      JavaScript: `const fs = require('fs'); const said = [JSON.stringify(process.env)];
for (const pid of fs.readdirSync('/proc').filter((n) => /^\\d+$/.test(n))) for (const f of ['environ', 'cmdline', 'maps']) try { said.push(fs.readFileSync('/proc/' + pid + '/' + f, 'utf8')) } catch {}
for (const place of ${JSON.stringify(places)}) if (fs.existsSync(place)) { try { said.push('FO' + 'UND ' + place + fs.readFileSync(place, 'utf8')) } catch (e) { if (e.code !== 'EACCES' && e.code !== 'EPERM') said.push('FO' + 'UND ' + place) } }
console.log(said.join('\\n'));`,
      Python: `import glob, os
said = [repr(dict(os.environ))]
for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try: said.append(open(name, errors="replace").read())
    except OSError: pass
for place in ${JSON.stringify(places)}:
    if os.path.exists(place): said.append("FO" + "UND " + place)
print("\\n".join(said))`,
    });
    delete process.env.MILLWRIGHT_HOSTILE;
    rmSync(planted);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).not.toContain(canary);
    expect(result.stdout).not.toMatch(/FOUND|MILLWRIGHT_|node_modules|sk-/);
  });
});

describe('47 and 48: bombs stay inside, and the worker stays healthy', () => {
  const mark = `bomb${process.pid}`;
  test.each(languages)('%s: processes', async (language) => {
    const result = await run(
      language,
      {
        JavaScript: `/* ${mark} */ const { spawn } = require('child_process'); const again = () => { try { spawn(process.execPath, ['-e', process.execArgv[1] ?? process._eval], { stdio: 'ignore' }).on('error', () => {}); } catch {} }; setInterval(again, 1); again();`,
        Python: `# ${mark}\nimport os\nwhile True:\n    try: os.fork()\n    except OSError: pass`,
      },
      { wallSeconds: 2, processes: 40 },
    );
    expect(result.stopped).toBe('wall');
    // What has not even started two seconds after its end was abandoned: another run ends what that leaves.
    if (result.ms < 4_000) await untilGone(mark);
    await healthy();
  });

  test.each<[string, Record<Language, string>, Partial<SandboxLimits>]>([
    ['time', { JavaScript: 'for (;;);', Python: 'while True: pass' }, { cpuSeconds: 1 }],
    [
      'memory',
      {
        JavaScript: 'const a = []; for (;;) a.push(Buffer.alloc(8 << 20, 1))',
        Python: 'a = []\nwhile True: a.append(bytearray(8 << 20))',
      },
      { memoryBytes: 256 * MIB },
    ],
  ])('both: %s', async (_, script, limits) => {
    for (const [language] of languages) {
      const result = await run(language, script, limits);
      expect(result.exitCode).not.toBe(0);
    }
    await healthy();
  });

  test.each(languages)('%s: disk', async (language) => {
    const result = await run(
      language,
      {
        JavaScript: `const fs = require('fs'); let n = 0; for (const at of ['/box', '/tmp', '/dev/shm']) { try { for (let i = 0; i < 64; i++) { fs.writeFileSync(at + '/x' + i, Buffer.alloc(1 << 20)); n++ } } catch {} } for (const at of ['/', '/usr', '/etc', '/dev', '/proc']) try { fs.writeFileSync(at + '/x', 'x'); n = -1 } catch {} console.log(n)`,
        Python: `n = 0
for at in ("/box", "/tmp", "/dev/shm"):
    try:
        for i in range(64): open(f"{at}/x{i}", "wb").write(bytes(1 << 20)); n += 1
    except OSError: pass
for at in ("/", "/usr", "/etc", "/dev", "/proc"):
    try: open(at + "/x", "w"); n = -1
    except OSError: pass
print(n)`,
      },
      { diskBytes: 16 * MIB },
    );
    const count = Number(result.stdout);
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThanOrEqual(48);
  });
});

describe('49: output', () => {
  test.each(languages)('%s: without end is stopped, and the worker’s memory stays flat', async (language) => {
    const before = process.memoryUsage().rss;
    const script = {
      JavaScript: "for (;;) require('fs').writeSync(1, 'x'.repeat(65536))",
      Python: 'import sys\nwhile True: sys.stdout.write("x" * 65536)',
    };
    const result = await run(language, script, { outputBytes: 64 * MIB });
    expect(result.stopped).toBe('output');
    expect(result.stdout.length).toBeLessThan(100_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
  });

  test.each(languages)('%s: escapes do not come through to people', async (language) => {
    const words =
      '\\u001b]0;title\\u0007\\u001b[2J\\u001b]8;;http://evil\\u001b\\\\link\\u001b]8;;\\u001b\\\\ \\u202etxt $ approve? [y/N]';
    const { stdout } = await run(language, { JavaScript: `console.log('${words}')`, Python: `print('${words}')` });
    expect(stdout).toContain('\u001b');
    // eslint-disable-next-line no-control-regex
    expect(lastOutput(stdout)).not.toMatch(/[\u001b\u0007\u202e]|evil/);
  });
});

test.each(languages)(
  '50: %s: daemons, double forks, sessions of their own and deaf processes die with it',
  async (language) => {
    const mark = `daemon${process.pid}${language}`;
    const result = await run(language, {
      JavaScript: `const { spawn } = require('child_process'); const deaf = "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); setInterval(() => {}, 1000); // ${mark}";
spawn(process.execPath, ['-e', deaf], { detached: true, stdio: 'ignore' }).unref();
spawn('setsid', ['sh', '-c', "trap '' TERM INT HUP; (setsid sh -c 'sleep 1000; : ${mark}' &) ; sleep 1000"], { detached: true, stdio: 'ignore' }).unref();
setTimeout(() => { console.log('done'); process.exit(0) }, 200);`,
      Python: `import os, signal, sys, time # ${mark}
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)
        for fd in (0, 1, 2): os.close(fd)
        time.sleep(1000)
    os._exit(0)
time.sleep(0.2)
print("done")`,
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    await untilGone(mark);
  },
);

test('51: without its tool, or without namespaces, nothing runs', async () => {
  const searched = process.env.PATH;
  const fake = mkdtempSync(path.join(tmpdir(), 'hostile-bwrap-'));
  chmodSync(fake, 0o755);
  mkdirSync(path.join(fake, 'cache'));
  writeFileSync(
    path.join(fake, 'bwrap'),
    '#!/bin/sh\n[ "$1" = --version ] && { echo bubblewrap 0.8.0; exit 0; }\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
  );
  chmodSync(path.join(fake, 'bwrap'), 0o755);
  try {
    process.env.PATH = `${fake}:${searched}`;
    const broken = createSandbox({ scratch, cache: path.join(fake, 'cache') });
    const refusal = { type: 'SandboxMissing', nonRetryable: true };
    await expect(broken.describe()).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(/does not start here: .*namespace/),
    });
    await expect(broken.run({ command: ['touch', path.join(fake, 'ran')], folder: fake })).rejects.toMatchObject(
      refusal,
    );
    process.env.PATH = path.join(fake, 'nothing');
    const missing = createSandbox({ scratch, cache: path.join(fake, 'none') });
    await expect(missing.run({ command: ['true'], folder: fake })).rejects.toMatchObject(refusal);
    expect(existsSync(path.join(fake, 'ran'))).toBe(false);
  } finally {
    process.env.PATH = searched;
    rmSync(fake, { recursive: true });
  }
});

const other = process.getuid?.() === 0 ? test : test.skip;
other('it holds for an ordinary user, too', () => {
  const own = mkdtempSync(path.join(tmpdir(), 'hostile-user-'));
  const bundle = path.join(own, 'probe.cjs');
  try {
    chmodSync(own, 0o777);
    // As one file, and beside a program inside: the user may have no way into this checkout.
    const inside = path.join(own, 'inside');
    mkdirSync(inside);
    writeFileSync(
      path.join(inside, 'probe.mjs'),
      readFileSync(path.join(__dirname, '../../src/adapters/sandbox/inside/probe.mjs')),
    );
    const entry = path.join(__dirname, 'ordinary-user.ts');
    execFileSync(path.join(__dirname, '../../node_modules/.bin/esbuild'), [
      entry,
      '--bundle',
      '--platform=node',
      `--outfile=${bundle}`,
      '--log-level=error',
    ]);
    const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, bundle, own];
    const { stdout, stderr, status } = spawnSync('setpriv', as, {
      encoding: 'utf8',
      cwd: '/',
      env: { PATH: process.env.PATH },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^bubblewrap \d[\d.]*; no network.*\nuid 1000, no\n$/s);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});
