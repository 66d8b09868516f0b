// The system calls that a sandboxed program may not make: a seccomp filter, assembled here.
import { permanent } from '../../domain/failures';

// Each of these answers "not permitted". Nothing that builds or tests code needs them; most holes in kernels do.
// prettier-ignore
const denied = {
  x64: {
    ptrace: 101, syslog: 103, acct: 163, settimeofday: 164, mount: 165, umount2: 166, swapon: 167, swapoff: 168, reboot: 169,
    pivot_root: 155, chroot: 161, iopl: 172, ioperm: 173, init_module: 175, delete_module: 176, quotactl: 179,
    kexec_load: 246, add_key: 248, request_key: 249, keyctl: 250, unshare: 272, perf_event_open: 298,
    open_by_handle_at: 304, setns: 308, process_vm_readv: 310, process_vm_writev: 311, kcmp: 312, finit_module: 313,
    kexec_file_load: 320, bpf: 321, userfaultfd: 323,
  },
  arm64: {
    umount2: 39, mount: 40, pivot_root: 41, chroot: 51, quotactl: 60, acct: 89, unshare: 97, kexec_load: 104,
    init_module: 105, delete_module: 106, syslog: 116, ptrace: 117, reboot: 142, settimeofday: 170, add_key: 217,
    request_key: 218, keyctl: 219, swapon: 224, swapoff: 225, perf_event_open: 241, open_by_handle_at: 265,
    setns: 268, process_vm_readv: 270, process_vm_writev: 271, kcmp: 272, finit_module: 273, bpf: 280,
    userfaultfd: 282, kexec_file_load: 294,
  },
};

// Since Linux 5.1 a new call has the same number everywhere.
// prettier-ignore
const deniedEverywhere = {
  io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427, open_tree: 428, move_mount: 429, fsopen: 430,
  fsconfig: 431, fsmount: 432, fspick: 433, pidfd_getfd: 438, process_madvise: 440, mount_setattr: 442,
};

const architectures = {
  x64: { audit: 0xc000003e, clone: 56, socket: 41 },
  arm64: { audit: 0xc00000b7, clone: 220, socket: 198 },
};
const CLONE3 = 435;
const NEW_NAMESPACES = 0x7e020000; // every CLONE_NEW… flag
// Unix, IPv4, IPv6, and netlink to list interfaces. The rest are not held by the network namespace (vsock) or rarely right.
const socketFamilies = [1, 2, 10, 16];

const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
const refuse = (errno: number) => 0x00050000 + errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

// Offsets into struct seccomp_data.
const CALL = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

const instruction = (code: number, value: number, yes = 0, no = 0) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
};
const load = (offset: number) => instruction(0x20, offset);
const answer = (value: number) => instruction(0x06, value);
const skipUnlessEqual = (value: number, count: number) => instruction(0x15, value, 0, count);
const skipIfEqual = (value: number, count: number) => instruction(0x15, value, count, 0);
const skipUnlessAtLeast = (value: number, count: number) => instruction(0x35, value, 0, count);
const skipUnlessAnyBit = (mask: number, count: number) => instruction(0x45, mask, 0, count);

export function seccompProgram(machine: string = process.arch): Buffer {
  if (machine !== 'x64' && machine !== 'arm64')
    throw permanent(
      'SandboxMissing',
      `the sandbox has no system-call filter for ${machine}: use an x64 or arm64 machine`,
    );
  const { audit, clone, socket } = architectures[machine];
  const numbers = [...Object.values(denied[machine]), ...Object.values(deniedEverywhere)];
  return Buffer.concat([
    load(ARCHITECTURE),
    skipIfEqual(audit, 1),
    answer(KILL), // a call in another architecture's numbering
    load(CALL),
    skipUnlessAtLeast(0x40000000, 1),
    answer(KILL), // the x32 numbering
    ...numbers.flatMap((number) => [skipUnlessEqual(number, 1), answer(refuse(EPERM))]),
    // Its flags lie in memory, out of a filter's sight; told that it is not there, the C library uses clone.
    skipUnlessEqual(CLONE3, 1),
    answer(refuse(ENOSYS)),
    skipUnlessEqual(clone, 4),
    load(FIRST_ARGUMENT),
    skipUnlessAnyBit(NEW_NAMESPACES, 1),
    answer(refuse(EPERM)),
    answer(ALLOW),
    skipUnlessEqual(socket, socketFamilies.length + 3),
    load(FIRST_ARGUMENT),
    ...socketFamilies.map((family, at) => skipIfEqual(family, socketFamilies.length - at)),
    answer(refuse(EAFNOSUPPORT)),
    answer(ALLOW),
    answer(ALLOW),
  ]);
}
