// Proves, by trying to break out, that the sandbox holds on this machine.
import { createServer, type AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { permanent } from '../../domain/failures';
import type { SandboxResult, SandboxRun } from '../../activities/ports';

const PROBE = '/millwright/probe.mjs';
const REPORT = 3;
const PROCESSES = 60;

/** Throws `SandboxMissing`, naming every protection that is not in force. */
export async function proveProtections(
  run: (run: SandboxRun) => Promise<SandboxResult>,
  folder: string,
): Promise<void> {
  await withListener(async (port) => {
    const result = await run(probe(folder, port));
    const holes = JSON.parse(result.report || 'null') as string[] | null;
    if (holes === null) throw permanent('SandboxMissing', doesNotStart(result));
    if (holes.length > 0)
      throw permanent('SandboxMissing', `the sandbox does not hold on this machine: ${holes.join(', ')}`);
  });
}

const probe = (folder: string, port: number): SandboxRun => ({
  command: ['node', PROBE],
  folder,
  readOnly: [{ from: path.join(__dirname, 'inside', 'probe.mjs'), to: PROBE }],
  environment: {
    PROBE: JSON.stringify({ port, report: REPORT, folders: foldersOfHost(), processes: PROCESSES }),
  },
  limits: { wallSeconds: 60, processes: PROCESSES },
  reportDescriptor: REPORT,
});

// Everything at the top of this machine that the sandbox has no business with.
function foldersOfHost(): string[] {
  const expected = /^(usr|bin|sbin|lib\w*|proc|dev|tmp|etc|box|millwright)$/;
  return readdirSync('/').filter((name) => !expected.test(name));
}

async function withListener(work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(0, '127.0.0.1', listening));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

function doesNotStart({ stderr, stdout, stopped, exitCode }: SandboxResult): string {
  const said = (stderr || stdout || stopped || `exit code ${exitCode}`).trim().slice(0, 300);
  return (
    `bubblewrap does not start here: ${said}. It needs unprivileged user namespaces: on Ubuntu 24.04 ` +
    'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, elsewhere sysctl -w user.max_user_namespaces=10000, ' +
    'in a container --security-opt seccomp=unconfined --security-opt systempaths=unconfined. ' +
    'It also needs prlimit (util-linux), tar and sh under /usr.'
  );
}
