// A sandbox that keeps an account of itself: a line in a file before a command begins, and one when it has ended.
import { appendFileSync } from 'node:fs';
import type { Sandbox } from '../../activities/ports';

export type SandboxEntry = { at: string; worker: number; run: number } & (
  | { event: 'began'; command: readonly string[] }
  | { event: 'ended'; exitCode: number | null; stopped: string | null; ms: number }
  | { event: 'failed'; reason: string }
);

/** A run that began and never ended died with its worker. */
export function logged(sandbox: Sandbox, file: string): Sandbox {
  let runs = 0;
  return {
    ...sandbox,
    async run(asked) {
      const about = { worker: process.pid, run: ++runs };
      const write = (entry: object) =>
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...about, ...entry })}\n`);
      write({ event: 'began', command: asked.command });
      try {
        const result = await sandbox.run(asked);
        const { exitCode, stopped, ms } = result;
        write({ event: 'ended', exitCode, stopped, ms });
        return result;
      } catch (error) {
        write({ event: 'failed', reason: (error as Error).message });
        throw error;
      }
    },
  };
}
