// One run in bubblewrap: started, fed, watched, and gone without a trace when the promise settles.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxResult, SandboxRun } from '../../activities/ports';
import type { Bubblewrap } from '../provision/bubblewrap';
import { endLeftovers } from './leftovers';
import { defaultLimits } from './limits';
import { bubblewrapArguments, GO, inventedFiles } from './policy';
import { seccompProgram } from './seccomp';
import { takeSlot } from './slot';
import { ended, watch } from './watch';

const LAST_BREATH_MS = 2_000;

export type Tools = { bubblewrap: Bubblewrap; nodeBinary: string };

/** Runs the command with /box as a copy of the folder: what it writes is gone when it ends. */
export async function runConfined(tools: Tools, run: SandboxRun): Promise<SandboxResult> {
  endLeftovers();
  if (process.getuid?.() !== 0) return start(tools, run, undefined);
  const slot = await takeSlot();
  try {
    return await start(tools, run, slot.uid);
  } finally {
    await slot.release();
  }
}

async function start(tools: Tools, run: SandboxRun, uid: number | undefined): Promise<SandboxResult> {
  const limits = { ...defaultLimits, ...run.limits };
  const pack = spawn('tar', ['-c', '--exclude=.git', '-C', run.folder, '-f', '-', '.'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packed = ended(pack);
  const wires = wire(run, pack.stdout);
  const { command, environment = {}, reportDescriptor, socket } = run;
  const args = bubblewrapArguments({ ...tools, ...wires, command, environment, limits, reportDescriptor, socket });
  const child = spawn(tools.bubblewrap.path, args, {
    stdio: wires.stdio,
    cwd: '/', // the one folder that every user may enter
    env: { LD_LIBRARY_PATH: tools.bubblewrap.libraries }, // its own environment can be read from inside
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  wires.handedOver();
  for (const { descriptor, content } of wires.contents) feed(child.stdio[descriptor] as Writable, content);
  const namespace = firstProcess(child, wires.descriptors);
  const result = await watch(child, { ...run, limits, kill: namespace.kill });
  await namespace.gone();
  if ((await packed) !== 0 && result.exitCode !== 0 && !result.stopped) throw new Error(`cannot read ${run.folder}`);
  return result;
}

// ── descriptors ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Gives every stream its descriptor: the report's is the caller's to choose, the others go around it. */
function wire(run: SandboxRun, input: Readable) {
  const stdio: (Readable | 'pipe' | 'ignore' | number)[] = [input, 'pipe', 'pipe'];
  if (run.reportDescriptor !== undefined) stdio[run.reportDescriptor] = 'pipe';
  const place = (what: 'pipe' | number) => {
    let at = 3;
    while (stdio[at] !== undefined) at += 1;
    stdio[at] = what;
    return at;
  };
  const go = place('pipe'); // first: dash knows descriptors of one digit only
  const isFile = ({ from }: { from: string }) => statSync(from).isFile();
  const folders = (run.readOnly ?? []).filter((place) => !isFile(place));
  // Single files are handed over as content, so they need not be readable to the sandbox's user.
  const opened = (run.readOnly ?? []).filter(isFile).map(({ from, to }) => ({ file: openSync(from, 'r'), to }));
  const given = opened.map(({ file, to }) => ({ descriptor: place(file), to }));
  const invented = Object.entries(inventedFiles).map(([to, content]) => ({ descriptor: place('pipe'), to, content }));
  const descriptors = { go, info: place('pipe'), seccomp: place('pipe') };
  const contents = [...invented, { descriptor: descriptors.seccomp, content: seccompProgram() }];
  for (let at = 0; at < stdio.length; at++) stdio[at] ??= 'ignore';
  const handedOver = () => {
    input.destroy();
    for (const { file } of opened) closeSync(file);
  };
  return { stdio, folders, files: [...given, ...invented], descriptors, contents, handedOver };
}

function feed(target: Writable, content: string | Buffer): void {
  target.on('error', () => undefined); // it ended before it had read this: its exit code says why
  target.end(content);
}

// ── the namespace ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The first process of the namespace takes all the others along, at once; bubblewrap says which one it is. Until then
 * bubblewrap must not be killed: what it has started by that time would outlive it.
 */
function firstProcess(child: ChildProcess, { info, go }: { info: number; go: number }) {
  let told = '';
  let first: number | undefined;
  let condemned = false;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  // Without the namespace that it was setting up, bubblewrap would wait for its word for ever.
  const killBoth = async (pid: number) => {
    killed(pid);
    await gone(pid);
    if (!hasEnded()) child.kill('SIGKILL');
  };
  const kill = () => {
    condemned = true;
    if (hasEnded()) return;
    if (first !== undefined) return void killBoth(first);
    // What it has said may wait to be read, where this process stood still itself.
    const giveUp = () => setImmediate(() => first === undefined && abandon(child));
    const last = setTimeout(giveUp, LAST_BREATH_MS);
    child.once('exit', () => clearTimeout(last));
  };
  (child.stdio[info] as Readable).on('data', (chunk: Buffer) => {
    told += chunk.toString();
    const pid = /"child-pid":\s*(\d+)/.exec(told)?.[1];
    if (pid === undefined || first !== undefined) return;
    first = Number(pid);
    if (condemned) kill();
  });
  (child.stdio[go] as Duplex).once('data', () => !condemned && feed(child.stdio[go] as Duplex, GO));
  return { kill, gone: async () => first && (await gone(first)) };
}

/** It did not even start within its time: nothing that may be left of it keeps its streams open for us. */
function abandon(child: ChildProcess): void {
  child.kill('SIGKILL');
  for (const stream of child.stdio) stream?.destroy();
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

// Bubblewrap ends a moment before its namespace does; a zombie that nobody has collected counts as gone.
async function gone(pid: number): Promise<void> {
  for (let waited = 0; waited < LAST_BREATH_MS && isAlive(pid); waited += 5) await delay(5);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
