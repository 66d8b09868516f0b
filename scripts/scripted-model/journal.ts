// The scripted model's own log: a line when a call starts and one when it ends, on disk before the work goes on.
import { appendFileSync } from 'node:fs';
import type { ChatMessage, ScriptedCall } from './scenario';

export type LoggedCall = Pick<
  ScriptedCall,
  | 'at'
  | 'key'
  | 'attempt'
  | 'project'
  | 'milestone'
  | 'stage'
  | 'agent'
  | 'iteration'
  | 'part'
  | 'turn'
  | 'schema'
  | 'tools'
> & {
  scripted: true;
  /** `aborted`: the connection ended before the answer did. A number: the status of what was no model's answer. */
  outcome: 'started' | 'answered' | 'aborted' | number;
  /** The key had been answered whole before, and the same answer was given again. */
  repeated: boolean;
  /** The repeated key came with another prompt than the first time: a bug of the caller. */
  otherPrompt?: true;
  promptChars: number;
  /** As billed: nothing before the answer begins, and of a broken answer what was sent of it. */
  inputTokens: number;
  outputTokens: number;
  ms: number;
  messages?: readonly ChatMessage[];
  error?: string;
};

export type Journal = { calls: LoggedCall[]; start(call: LoggedCall): void; end(call: LoggedCall): void };

export function openJournal(logFile?: string): Journal {
  const calls: LoggedCall[] = [];
  const write = (call: LoggedCall) => {
    if (logFile !== undefined) appendFileSync(logFile, `${JSON.stringify(call)}\n`);
  };
  return {
    calls,
    start(call) {
      calls.push(call);
      write(call);
    },
    end: (call) => write({ ...call, at: new Date().toISOString() }),
  };
}
