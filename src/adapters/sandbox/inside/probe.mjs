// Runs inside the sandbox, tries what must not work there, and reports what worked.
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

const { port, report, folders, processes } = JSON.parse(process.env.PROBE);

const given = ['PATH', 'HOME', 'LANG', 'TZ', 'CI', 'NO_COLOR', 'PROBE', 'PWD', 'OLDPWD', 'SHLVL', '_'];

const works = (attempt) => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};
const writable = (file) => works(() => closeSync(openSync(file, 'a')));
const reachable = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  });
const status = readFileSync('/proc/self/status', 'utf8');
const limits = readFileSync('/proc/self/limits', 'utf8');

const holes = {
  'the network of this machine is reachable': await reachable(),
  'its network interfaces are visible': Object.keys(networkInterfaces()).some((name) => name !== 'lo'),
  'the environment of this machine is visible': Object.keys(process.env).some((name) => !given.includes(name)),
  'its processes are visible': readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length > 5,
  'its folders are visible': readdirSync('/').some((name) => folders.includes(name)),
  'the system is writable':
    writable('/usr/probe') || writable('/probe') || writable('/etc/probe') || writable('/dev/probe'),
  'the kernel is writable': writable('/proc/sys/kernel/core_pattern'),
  'it runs as root': process.getuid() === 0,
  'it has capabilities': !/^CapEff:\s+0+$/m.test(status) || !/^CapBnd:\s+0+$/m.test(status),
  'it may gain privileges': !/^NoNewPrivs:\s+1$/m.test(status),
  'system calls are not filtered': !/^Seccomp:\s+2$/m.test(status),
  'new namespaces are allowed': spawnSync('unshare', ['--user', 'true']).status === 0,
  'processes are not limited': !new RegExp(`^Max processes\\s+${processes}\\s`, 'm').test(limits),
  'memory is not limited': /^Max data size\s+unlimited/m.test(limits),
  'its own folder is not writable':
    !works(() => writeFileSync('/box/probe', '')) || !works(() => appendFileSync('/tmp/probe', '')),
};
writeSync(report, JSON.stringify(Object.keys(holes).filter((name) => holes[name])));
process.exit(0);
