// What a sandboxed program sees and may do: the one place where that is decided.
import { existsSync, lstatSync } from 'node:fs';
import type { SandboxLimits } from '../../activities/ports';
import { OPEN_FILES, SHARED_MEMORY_BYTES } from './limits';

/** Where things are inside. */
export const inside = { box: '/box', node: '/millwright/bin/node' };

const UID = 1000;
const MIB = 1024 * 1024;

const environment = {
  PATH: '/millwright/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  CI: '1',
  NO_COLOR: '1',
};

/** Files that programs expect and that say nothing about this machine. */
export const inventedFiles: Readonly<Record<string, string>> = {
  '/etc/passwd': `sandbox:x:${UID}:${UID}::/tmp:/bin/sh\n`,
  '/etc/group': `sandbox:x:${UID}:\n`,
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
};

export type Confinement = {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  limits: SandboxLimits;
  reportDescriptor?: number;
  nodeBinary: string;
  /** Folders of the host, read-only. */
  folders: readonly { from: string; to: string }[];
  socket?: { from: string; to: string };
  /** Files by the descriptor that their content comes from. */
  files: readonly { descriptor: number; to: string }[];
  descriptors: { go: number; info: number; seccomp: number };
};

/** Arguments for bubblewrap (0.8 or newer), which finds the content of /box as a tar stream on its standard input. */
export function bubblewrapArguments(confinement: Confinement): string[] {
  const { go, info, seccomp } = confinement.descriptors;
  return [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--disable-userns', '--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
    ...['--uid', `${UID}`, '--gid', `${UID}`, '--hostname', 'sandbox', '--clearenv'],
    ...Object.entries({ ...environment, ...confinement.environment }).flatMap(([name, value]) => [
      '--setenv',
      name,
      value,
    ]),
    ...system(),
    ...fileSystem(confinement),
    ...['--seccomp', `${seccomp}`, '--info-fd', `${info}`, '--'],
    ...limited(confinement.limits),
    ...unpacked(confinement.command, go, confinement.reportDescriptor),
  ];
}

function system(): string[] {
  const top = ['bin', 'sbin', 'lib', 'lib32', 'lib64'].flatMap((name) => {
    const found = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (!found) return [];
    return found.isSymbolicLink() ? ['--symlink', `usr/${name}`, `/${name}`] : ['--ro-bind', `/${name}`, `/${name}`];
  });
  const settings = ['/etc/ld.so.cache', '/etc/alternatives'].flatMap((file) => ['--ro-bind-try', file, file]);
  return ['--ro-bind', '/usr', '/usr', ...top, ...settings];
}

function fileSystem({ limits, nodeBinary, folders, files, socket }: Confinement): string[] {
  const bound = (chosen: typeof folders) => chosen.flatMap(({ from, to }) => ['--ro-bind', from, to]);
  const within = folders.filter(({ to }) => to.startsWith(`${inside.box}/`));
  const memory = (bytes: number, at: string) => ['--size', `${bytes}`, '--tmpfs', at];
  return [
    // Root's own settings of the kernel stay closed even to a program that has become root.
    ...['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'],
    // /dev is a tmpfs without a size: only its shared memory may be written, and that has one.
    ...[
      '--dev',
      '/dev',
      ...memory(Math.min(SHARED_MEMORY_BYTES, limits.diskBytes), '/dev/shm'),
      '--remount-ro',
      '/dev',
    ],
    ...['--ro-bind', nodeBinary, inside.node],
    ...bound(folders.filter((folder) => !within.includes(folder))),
    ...bound(socket === undefined ? [] : [socket]),
    ...files.flatMap(({ descriptor, to }) => ['--perms', '0444', '--ro-bind-data', `${descriptor}`, to]),
    ...[...memory(limits.diskBytes, '/tmp'), ...memory(limits.diskBytes, inside.box)],
    ...bound(within),
    ...['--remount-ro', '/', '--chdir', inside.box],
  ];
}

// Set inside the namespace: there the limit on processes counts this sandbox's alone.
function limited(limits: SandboxLimits): string[] {
  return [
    ...['prlimit', '--core=0', `--nproc=${limits.processes}`, `--nofile=${OPEN_FILES}`],
    ...[`--cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 1}`, `--data=${limits.memoryBytes}`],
    ...[`--fsize=${limits.fileBytes}`, '--'],
  ];
}

/** What the worker answers when the sandbox stands. */
export const GO = 'go\n';

// Whoever started Millwright may have left descriptors open, and those would come along (only bash can close them all).
// When the worker dies while bubblewrap sets up, nobody ends what has been started: so it asks, and without a worker to
// answer it ends by itself. From then on it dies with bubblewrap, and bubblewrap with the worker.
const START = `
if [ -n "$BASH_VERSION" ]; then
  for fd in /proc/self/fd/*; do
    fd=\${fd##*/}
    [ "$fd" -gt 2 ] && [ "$fd" != "$1" ] && [ "$fd" != "$2" ] && eval "exec $fd>&-"
  done
fi
eval "echo ready >&$1; read -r word <&$1; exec $1>&-"
[ "$word" = go ] || exit 1
shift 2
tar -x -f - && exec "$@" </dev/null`;

function unpacked(command: readonly string[], go: number, reportDescriptor: number | undefined): string[] {
  const shell = existsSync('/usr/bin/bash') ? 'bash' : 'sh';
  return [shell, '-c', START, shell, `${go}`, `${reportDescriptor ?? 0}`, ...command];
}

/** The protections in words, for reports. */
export function describePolicy(version: string, ownUser: boolean, limits: SandboxLimits): string {
  return [
    `bubblewrap ${version}${ownUser ? ' as a user of its own' : ''}`,
    'no network, empty environment, read-only system, own processes, no privileges, filtered system calls',
    `at most ${limits.wallSeconds} s, ${limits.processes} processes, ${Math.round(limits.memoryBytes / MIB)} MiB of memory each and ${Math.round(limits.diskBytes / MIB)} MiB of files`,
  ].join('; ');
}
