// What a fault of an endpoint becomes: a failure that Temporal retries, one that waits for a person, or an answer.
import type { ModelAnswer, ModelCall } from '../../activities/ports';
import { permanent, transient } from '../../domain/failures';
import type { Usage } from '../../domain/usage';
import { Oversized } from './events';
import type { Endpoint } from './endpoint';
import { Stalled } from './patience';
import { cureOf, deepest, isRedirect, retryAfterMs, troubleOf, type Trouble } from './trouble';

const WORDS_LIMIT_CHARS = 300;

export type Fault = { error: unknown; call: ModelCall; endpoint: Endpoint; usage: Usage; text: string };

/** The call itself cannot be sent. */
export class Unaskable extends Error {}

/** Returns what is an answer after all, and throws the rest. No error of the client goes along: it may hold the key. */
export function settle(fault: Fault): ModelAnswer {
  const { error, call, usage } = fault;
  if (error instanceof Oversized) return { said: 'cut-off', text: fault.text, usage, model: call.model };
  if (error instanceof Stalled) throw transient('ModelStalled', sentence(fault, error.message), { details: { usage } });
  if (error instanceof Unaskable) throw permanent('InvalidInput', sentence(fault, brief(error.message, fault)));
  if (isRedirect(error)) throw credentials(fault, 'redirects to another address, and a redirect is not followed');
  const trouble = troubleOf(error);
  if (trouble !== undefined) return settleTrouble(fault, trouble);
  throw transient('ModelUnavailable', sentence(fault, `broke off: ${brief(deepest(error), fault)}`), {
    details: { usage },
  });
}

function settleTrouble(fault: Fault, trouble: Trouble): ModelAnswer {
  const { call, usage } = fault;
  const cure = cureOf(trouble);
  const words = `${trouble.status === undefined ? '' : `HTTP ${trouble.status}: `}${brief(trouble.words, fault)}`;
  switch (cure) {
    case 'credentials':
      throw credentials(fault, `said ${words}`);
    case 'again':
      throw transient(passing(trouble.status), sentence(fault, `said ${words}`), {
        retryAfterMs: retryAfterMs(trouble.headers),
        details: { usage },
      });
    case 'filtered':
    case 'too-long':
    case 'refusal':
      return { said: cure, reason: sentence(fault, `said ${words}`), usage, model: call.model };
  }
}

const passing = (status: number | undefined) =>
  status === 429 ? 'ModelRateLimited' : status === 408 || status === 504 ? 'ModelStalled' : 'ModelUnavailable';

function credentials(fault: Fault, what: string) {
  const { alias, model } = fault.call;
  const key = fault.endpoint.apiKey === undefined ? 'it has no key' : 'its key was sent';
  const cure = `${key}. Check the key of model ${alias}, its account, its address, and its name there (${model})`;
  return permanent('CredentialsRefused', `${sentence(fault, what)}; ${cure}`, undefined, {
    usage: fault.usage,
  });
}

const sentence = ({ call, endpoint }: Fault, what: string): string => `model ${call.alias} at ${endpoint.host} ${what}`;

/** The endpoint's words on one line, without the key that some repeat. */
function brief(words: string, { endpoint: { apiKey } }: Fault): string {
  const safe = apiKey === undefined ? words : words.replaceAll(apiKey, '[key]');
  return safe
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, WORDS_LIMIT_CHARS);
}
