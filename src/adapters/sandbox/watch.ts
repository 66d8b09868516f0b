// Watches a started process: collects what it says, and stops it at its limits.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SandboxLimits, SandboxResult } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { KEPT_BYTES } from './limits';
import { keepEnds } from './output';

export type Watched = {
  limits: SandboxLimits;
  reportDescriptor?: number;
  onReport?: (chunk: Buffer) => void;
  signal?: AbortSignal;
  /** Ends the process and all that it started. Called again while it lives. */
  kill(): void;
};

export async function watch(child: ChildProcess, watched: Watched): Promise<SandboxResult> {
  const { limits, reportDescriptor, signal } = watched;
  const began = performance.now();
  let stopped: SandboxResult['stopped'] = null;
  const stop = (why: NonNullable<SandboxResult['stopped']>) => {
    stopped ??= why;
    watched.kill();
  };
  const printed = budget(limits.outputBytes, () => stop('output'));
  const stdout = collect(child.stdout!, printed, keepEnds(KEPT_BYTES));
  const stderr = collect(child.stderr!, printed, keepEnds(KEPT_BYTES));
  const report: Buffer[] = [];
  const onReport = watched.onReport ?? ((chunk: Buffer) => void report.push(chunk));
  if (reportDescriptor !== undefined) {
    const reported = budget(limits.reportBytes, () => stop('output'));
    (child.stdio[reportDescriptor] as Readable).on('data', (chunk: Buffer) => onReport(reported(chunk)));
  }

  const timer = setTimeout(() => stop('wall'), limits.wallSeconds * 1000);
  const cancel = () => stop('cancelled');
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    const exitCode = await ended(child);
    const ms = Math.round(performance.now() - began);
    const said = { stdout: stdout.text(), stderr: stderr.text(), report: Buffer.concat(report).toString('utf8') };
    return { exitCode, stopped, ...said, ms };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

/** Its exit code once it has ended and closed its streams. */
export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? permanent('SandboxMissing', `${error.path} is not installed`, error) : error),
    );
    child.once('close', resolve);
  });
}

type Budget = (chunk: Buffer) => Buffer;

// One budget may serve two streams. What comes after its end is dropped.
function budget(bytes: number, overflow: () => void): Budget {
  let left = bytes;
  return (chunk) => {
    const kept = chunk.subarray(0, Math.max(0, left));
    left -= chunk.length;
    if (left < 0) overflow();
    return kept;
  };
}

function collect(stream: Readable, budget: Budget, kept: ReturnType<typeof keepEnds>) {
  stream.on('data', (chunk: Buffer) => kept.add(budget(chunk)));
  return kept;
}
