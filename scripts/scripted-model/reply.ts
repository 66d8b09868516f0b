// Turns a scripted answer into what goes over the wire, the planned faults included.
import { setTimeout as sleep } from 'node:timers/promises';
import { charsOf, completionOf, deltas, eventBody, jsonBody, saying, type Envelope, type Piece } from './completion';
import type { ScriptedAnswer } from './scenario';

const HUGE_PIECE_CHARS = 16_384;

export type Reply = {
  status: number;
  headers: Record<string, string>;
  pieces: Iterable<Piece> | AsyncIterable<Piece>;
  ending: 'end' | 'reset';
  /** A whole answer of the model, and not one of its faults. */
  whole: boolean;
  /** The model began to answer: its tokens are paid for, whatever becomes of them. */
  billed: boolean;
};

/** What is sent for an answer; undefined when nothing ever is. */
export function replyTo(answer: ScriptedAnswer, envelope: Envelope, stream: boolean): Reply | undefined {
  if ('silence' in answer) return undefined;
  if ('status' in answer) return unbilled(answer.status, answer.body ?? errorBody(`scripted ${answer.status}`), answer);
  if ('redirect' in answer) return unbilled(307, '', { headers: { location: answer.redirect } });
  if ('garbage' in answer) return unbilled(200, answer.garbage, { headers: { 'content-type': 'text/html' } });
  const headers = { 'content-type': stream ? 'text/event-stream' : 'application/json' };
  const body = (text: string) => wholeBody({ text }, envelope, stream);
  const broken = { status: 200, headers, ending: 'end', whole: false, billed: true } as const;
  if ('huge' in answer) return { ...broken, pieces: hugeBody(answer.huge, envelope, stream) };
  if ('truncated' in answer) return { ...broken, pieces: truncatedBody(answer.truncated, envelope, stream) };
  if ('resetAfterChars' in answer) {
    return { ...broken, ending: 'reset', pieces: upTo(answer.resetAfterChars, body(answer.text)) };
  }
  if ('drip' in answer) return { ...broken, whole: true, pieces: dripped(body(answer.text), answer.drip.everyMs) };
  return { ...broken, whole: true, pieces: wholeBody(answer, envelope, stream) };
}

export const errorBody = (message: string) => ({ error: { message, type: 'scripted', code: null, param: null } });

function unbilled(status: number, content: unknown, { headers }: { headers?: Record<string, string> }): Reply {
  const wire = typeof content === 'string' ? content : JSON.stringify(content);
  const type = typeof content === 'string' ? 'text/plain' : 'application/json';
  const pieces = [{ wire, chars: 0 }];
  return { status, headers: { 'content-type': type, ...headers }, pieces, ending: 'end', whole: false, billed: false };
}

function wholeBody(answer: ScriptedAnswer, envelope: Envelope, stream: boolean): Iterable<Piece> {
  const completion = completionOf(answer);
  if (completion === undefined) throw new Error(`not a scripted answer: ${JSON.stringify(answer)}`);
  if (stream) return eventBody(completion, envelope);
  return [{ wire: jsonBody(completion, envelope), chars: charsOf(completion) }];
}

function* truncatedBody(text: string, envelope: Envelope, stream: boolean): Generator<Piece> {
  if (stream) {
    yield* deltas(saying(text), envelope);
    yield { wire: 'data: {"id":"cut', chars: 0 };
  } else {
    const [before] = aroundContent(envelope);
    yield { wire: before + JSON.stringify(text).slice(1, -1), chars: text.length };
  }
}

function* upTo(chars: number, pieces: Iterable<Piece>): Generator<Piece> {
  let sent = 0;
  for (const piece of pieces) {
    if (sent + piece.chars >= chars && piece.chars > 0) {
      const part = (chars - sent) / piece.chars;
      yield { wire: piece.wire.slice(0, Math.floor(piece.wire.length * part)), chars: chars - sent };
      return;
    }
    sent += piece.chars;
    yield piece;
  }
}

async function* dripped(pieces: Iterable<Piece>, everyMs: number): AsyncGenerator<Piece> {
  for (const { wire, chars } of pieces) {
    for (const [index, letter] of [...wire].entries()) {
      await sleep(everyMs);
      yield { wire: letter, chars: index === 0 ? chars : 0 };
    }
  }
}

function* hugeBody(bytes: number, envelope: Envelope, stream: boolean): Generator<Piece> {
  const filler = 'x'.repeat(HUGE_PIECE_CHARS);
  const [before, after] = aroundContent(envelope);
  if (!stream) yield { wire: before, chars: 0 };
  for (let left = bytes; left > 0; left -= HUGE_PIECE_CHARS) {
    const part = filler.slice(0, Math.min(left, HUGE_PIECE_CHARS));
    if (stream) yield* deltas(saying(part), envelope);
    else yield { wire: part, chars: part.length };
  }
  if (stream) yield* eventBody(saying(''), envelope);
  else yield { wire: after, chars: 0 };
}

/** The JSON body of an answer, opened at its content. */
function aroundContent(envelope: Envelope): [string, string] {
  const wire = jsonBody(saying(''), envelope);
  const at = wire.lastIndexOf('"content":""') + '"content":"'.length;
  return [wire.slice(0, at), wire.slice(at)];
}
