// One installation in the sandbox, with the gateway as its only way out: what it leaves is taken over piece by piece, what goes wrong is named.
import { writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Sandbox, SandboxLimits } from '../../activities/ports';
import { permanent, transient } from '../../domain/failures';
import { manyLines } from '../../domain/plain-text';
import type { RegistryFault } from '../registries/fetching';
import { GATEWAY, withGateway, type Inspect } from '../registries/gateway';
import type { Registries } from '../registries/registries';
import { unpackInto, type Unpacked } from './unpack';

const REPORT = 3; // as in inside/install.mjs
const SCRIPT = '/millwright/install.mjs';
const SOCKET = '/millwright/registries';
const SAID_CHARS = 400;
const GIB = 1024 ** 3;
const limits: Partial<SandboxLimits> = {
  wallSeconds: 900,
  cpuSeconds: 900,
  processes: 256,
  memoryBytes: 4 * GIB,
  fileBytes: GIB,
  diskBytes: 4 * GIB,
  reportBytes: 6 * GIB,
};
const UNPACKED_LIMIT_BYTES = 4 * GIB;

export type Installation = {
  registries: Registries;
  inspect: Inspect;
  /** What lies in the folder at the beginning; the gateway's address in it is filled in where it is `addressed`. */
  files: ReadonlyMap<string, string>;
  addressed: readonly string[];
  commands: readonly { command: readonly string[]; mayFail?: true }[];
  environment?: Readonly<Record<string, string>>;
  readOnly: readonly { from: string; to: string }[];
  /** What is taken over: folders, and every folder of a name. */
  folders: readonly string[];
  named?: string;
  /** Single files that are taken over. */
  outputs?: readonly string[];
  skipped: readonly string[];
  signal?: AbortSignal;
};

/** Fills the folder; or says what is wrong with what was to be installed. */
export function install(
  sandbox: Sandbox,
  wanted: Installation,
  into: string,
): Promise<Unpacked | { objections: string[] }> {
  const {
    registries,
    inspect,
    files,
    addressed,
    commands,
    environment = {},
    readOnly,
    folders,
    named,
    outputs = [],
    skipped,
    signal,
  } = wanted;
  return withGateway(registries, inspect, ({ socket, faults }) =>
    sandbox.withFolder(async (folder) => {
      for (const [name, content] of files) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), content);
      }
      const unpacking = unpackInto(into, UNPACKED_LIMIT_BYTES);
      const told = {
        socket: SOCKET,
        gateway: GATEWAY,
        files: addressed,
        commands,
        environment,
        folders,
        named,
        outputs,
        skipped,
      };
      const result = await sandbox.run({
        command: ['node', SCRIPT],
        folder,
        readOnly: [{ from: path.join(__dirname, 'inside', 'install.mjs'), to: SCRIPT }, ...readOnly],
        socket: { from: socket, to: SOCKET },
        environment: { MILLWRIGHT_INSTALL: JSON.stringify(told) },
        limits,
        reportDescriptor: REPORT,
        onReport: (chunk) => unpacking.add(chunk),
        signal,
      });
      signal?.throwIfAborted();
      const faulty = judged(faults);
      if (faulty !== undefined) return { objections: [faulty] };
      if (result.stopped) return { objections: [`the installation was stopped (${result.stopped})`] };
      if (result.exitCode !== 0) return { objections: [lastWords(`${result.stdout}\n${result.stderr}`)] };
      return unpacking.end();
    }),
  );
}

/** Why nothing of what this file says is done. */
export const refused = (file: string, objections: readonly string[]) => ({
  objections: objections.map((why) => `${file}: ${why}`),
});

/** The gravest of them: what comes right by itself is waited for, and what a person has to bring has a wait of its own. */
function judged(faults: readonly RegistryFault[]): string | undefined {
  const of = (kind: RegistryFault['kind']) => faults.find((fault) => fault.kind === kind)?.message;
  const [wrong, away, locked] = [
    of('mismatch') ?? of('missing') ?? of('refused'),
    of('unreachable'),
    of('credentials'),
  ];
  if (locked !== undefined) throw permanent('CredentialsRefused', `the package registry lets nobody in: ${locked}`);
  if (away !== undefined && of('mismatch') === undefined) throw transient('RegistryUnavailable', away);
  return wrong;
}

const lastWords = (output: string): string => {
  const lines = manyLines(output)
    .split('\n')
    .map((line) => line.replace(/^(npm error|ERROR:)\s*/, '').trim())
    .filter((line) => line !== '' && !/complete log of this run|^\/tmp\//.test(line));
  return lines.join(' ').slice(0, SAID_CHARS) || 'the installer ended without a word';
};
