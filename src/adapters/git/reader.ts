// One `git cat-file` for each mirror, asked again and again: to start a process for each object costs more than to read it.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
import { failureOf } from './failing';

export type GitObject = { sha: string; type: string; bytes: number; content: Buffer };

type Question = {
  /** Whether the bytes of each object follow the line that says what it is. */
  whole: boolean;
  names: number;
  objects: (GitObject | undefined)[];
  answer(objects: (GitObject | undefined)[]): void;
  fail(error: unknown): void;
};

const IDLE_MS = 10_000;
const STUCK_MS = 2 * 60_000;
const NAME = /^[0-9a-f]{40}(?:\^\{(?:tree|commit)\})?$/;

export class Reader {
  #running?: Promise<Running>;

  constructor(
    private readonly folder: string,
    private readonly start: (args: readonly string[]) => Promise<ChildProcessWithoutNullStreams>,
  ) {}

  /** What these objects are, without their bytes; undefined for one that is not here. */
  info(names: readonly string[]): Promise<(GitObject | undefined)[]> {
    return this.#ask('info', names);
  }

  contents(names: readonly string[]): Promise<(GitObject | undefined)[]> {
    return this.#ask('contents', names);
  }

  /** The folder is gone: what is made there anew is none of this process's business. */
  close(): void {
    this.#running?.then(
      (running) => running.end(),
      () => undefined,
    );
    this.#running = undefined;
  }

  async #ask(command: 'info' | 'contents', names: readonly string[]): Promise<(GitObject | undefined)[]> {
    if (names.length === 0) return [];
    for (const name of names) if (!NAME.test(name)) throw new Error(`"${name.slice(0, 80)}" names no object`);
    const running = (this.#running ??= this.#begin());
    return (await running).ask(command, names);
  }

  #begin(): Promise<Running> {
    const begun: Promise<Running> = this.start(['cat-file', '--batch-command', '--buffer'])
      .then((child) => new Running(child, this.folder, forget))
      .catch((error: unknown) => {
        forget();
        throw error;
      });
    const forget = () => {
      if (this.#running === begun) this.#running = undefined;
    };
    return begun;
  }
}

class Running {
  readonly #questions: Question[] = [];
  #pieces: Buffer[] = [];
  #held = 0;
  #head?: Omit<GitObject, 'content'>;
  #said = '';
  #ended?: Error;
  #timer?: NodeJS.Timeout;

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly folder: string,
    private readonly over: () => void,
  ) {
    child.stdout.on('data', (piece: Buffer) => this.#hear(piece));
    child.stderr.on('data', (piece: Buffer) => (this.#said = `${this.#said}${piece.toString()}`.slice(-4_000)));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.#stop(`it did not start: ${error.message}`));
    child.on('close', () => this.#stop(this.#said || 'it ended'));
  }

  ask(command: 'info' | 'contents', names: readonly string[]): Promise<(GitObject | undefined)[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const answered = new Promise<(GitObject | undefined)[]>((answer, fail) =>
      this.#questions.push({ whole: command === 'contents', names: names.length, objects: [], answer, fail }),
    );
    this.child.stdin.write(`${names.map((name) => `${command} ${name}\n`).join('')}flush\n`);
    // Whoever else is waited for already has a clock running, which one more question is no reason to set back.
    if (this.#questions.length === 1) this.#watch();
    return answered;
  }

  end(): void {
    this.over();
    this.child.stdin.end();
  }

  #hear(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    while (this.#questions.length > 0 && this.#answerNext());
    this.#watch();
  }

  #answerNext(): boolean {
    const [question] = this.#questions as [Question];
    if (this.#head === undefined) {
      const line = this.#line();
      if (line === undefined) return false;
      const [sha, type, bytes] = line.split(' ') as [string, string, string?];
      // `<name> missing`
      if (bytes === undefined) return this.#answer(undefined);
      this.#head = { sha, type, bytes: Number(bytes) };
    }
    if (!question.whole) return this.#answer({ ...this.#head, content: Buffer.alloc(0) });
    const content = this.#take(this.#head.bytes + 1)?.subarray(0, -1);
    return content !== undefined && this.#answer({ ...this.#head, content });
  }

  #answer(object: GitObject | undefined): true {
    this.#head = undefined;
    const [{ objects, names, answer }] = this.#questions as [Question];
    if (objects.push(object) === names) {
      this.#questions.shift();
      answer(objects);
    }
    return true;
  }

  #line(): string | undefined {
    if (this.#held === 0) return undefined;
    const all = this.#take(this.#held)!;
    const end = all.indexOf('\n');
    this.#pieces = [all.subarray(end + 1)];
    this.#held = all.length - end - 1;
    return end < 0 ? undefined : all.toString('latin1', 0, end);
  }

  #take(bytes: number): Buffer | undefined {
    if (this.#held < bytes) return undefined;
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(bytes)];
    this.#held -= bytes;
    return all.subarray(0, bytes);
  }

  /** Asked, it keeps its worker alive and may not hang; idle, it does neither and soon ends. */
  #watch(): void {
    const asked = this.#questions.length > 0;
    const handles = [this.child, this.child.stdin as Socket, this.child.stdout as Socket, this.child.stderr as Socket];
    for (const handle of handles)
      if (asked) handle.ref();
      else handle.unref();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (asked ? this.#giveUp() : this.end()), asked ? STUCK_MS : IDLE_MS);
    this.#timer.unref();
  }

  /** It may not even die, on a disk that does not answer. */
  #giveUp(): void {
    this.child.kill('SIGKILL');
    this.#stop(`it said nothing for ${STUCK_MS / 1000} seconds`);
  }

  #stop(said: string): void {
    this.over();
    clearTimeout(this.#timer);
    const error = (this.#ended ??= failureOf({ verb: 'cat-file', said, folder: this.folder }));
    for (const { fail } of this.#questions.splice(0)) fail(error);
  }
}
