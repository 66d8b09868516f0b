// Reads trouble off an endpoint's error, in whatever shape it comes, and judges what cures it.
import { APIConnectionError, APIError } from 'openai';

export type Trouble = { status?: number; code: string; words: string; headers?: Headers };

/**
 * credentials: a person gives a key, pays, or corrects the model's name or address
 * again: time cures it
 * filtered, too-long, refusal: this request will never be answered here; a person decides
 */
export type Cure = 'credentials' | 'again' | 'filtered' | 'too-long' | 'refusal';

/** An error that the endpoint put into a body that began well. */
export class EndpointError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.words);
  }
}

const RETRY_AFTER_LIMIT_MS = 15 * 60_000;

const QUOTA = /insufficient_(quota|balance|funds|credits?)|billing|exceeded_current_quota/i;
const FILTER = /content_filter|content_policy|moderation/i;
const TOO_LONG = /context[ _](length|window|size)|maximum context|prompt is too long|request too large/i;
const KEY_STATUS = [401, 402, 403, 404];
const WAIT_STATUS = [408, 409, 425, 429];
const MAY_BE_TOO_LONG = [undefined, 400, 413, 422, 429];

export function cureOf({ status, code, words, headers }: Trouble): Cure {
  const advice = headers?.get('x-should-retry');
  if (QUOTA.test(code)) return 'credentials';
  if (FILTER.test(code)) return 'filtered';
  if (status !== undefined && KEY_STATUS.includes(status)) return 'credentials';
  if (status === 413 || (MAY_BE_TOO_LONG.includes(status) && TOO_LONG.test(`${code} ${words}`))) return 'too-long';
  // An endpoint that says what asking again will bring knows better than the number of its status.
  if (advice === 'false') return status === 429 ? 'credentials' : 'refusal';
  if (advice === 'true' || status === undefined) return 'again';
  return WAIT_STATUS.includes(status) || status >= 500 ? 'again' : 'refusal';
}

/** What an exception says, when it comes from the endpoint or the way to it. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof EndpointError) return error.trouble;
  if (error instanceof APIConnectionError) return { code: '', words: deepest(error) };
  if (!(error instanceof APIError)) return undefined;
  const { status, code, type, message, headers } = error;
  return { status, code: `${code ?? ''} ${type ?? ''}`, words: message.replace(/^\d{3} /, ''), headers };
}

/** The error inside a body: an object, or a string. */
export function errorIn(body: unknown): Trouble | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== 'object') return { code: '', words: String(body) };
  const { message, code, type } = body as { message?: unknown; code?: unknown; type?: unknown };
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
  return { status, code: `${code ?? ''} ${type ?? ''}`, words: String(message ?? JSON.stringify(body)) };
}

// `redirect: 'error'` tells of a redirect in no other way.
export const isRedirect = (error: unknown): boolean =>
  error instanceof APIConnectionError && deepest(error).includes('unexpected redirect');

export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  const said = headers?.get('retry-after') ?? '';
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(said) ? Number(said) * 1000 : Date.parse(said) - now;
  const ms = exact > 0 ? exact : seconds;
  return ms > 0 ? Math.min(Math.ceil(ms), RETRY_AFTER_LIMIT_MS) : undefined;
}

/** What happened at the bottom of it: "fetch failed" and "Connection error." say nothing. */
export function deepest(error: unknown): string {
  const { message, code, cause } = error as { message?: unknown; code?: unknown; cause?: unknown };
  if (typeof cause === 'object' && cause !== null) return deepest(cause);
  const words = String(message ?? error);
  return typeof code === 'string' && !words.includes(code) ? `${code} ${words}`.trim() : words;
}
