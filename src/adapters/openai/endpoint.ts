// Where a model is reached, checked at the door, and the client that goes there. Nothing here is read from the environment.
import OpenAI from 'openai';
import { permanent } from '../../domain/failures';
import { beginningOf } from '../arriving';

const REFUSAL_LIMIT_BYTES = 16_384;
// The call's own clocks are stricter; so is Node's fetch, which waits 10 s for a connection, and 300 s for headers and between
// pieces of a body.
const HEADERS_TIMEOUT_MS = 24 * 3_600_000;

export type Endpoint = { baseURL: string; apiKey: string | undefined; host: string };

export function checkEndpoint(alias: string, { baseURL, apiKey }: { baseURL: string; apiKey: string | undefined }) {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw permanent('CredentialsRefused', `the address of model ${alias} is not an http(s) address without user name`);
  }
  const key = apiKey?.trim() || undefined;
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw permanent('CredentialsRefused', `the key of model ${alias} has characters that no header may carry`);
  }
  return { baseURL, apiKey: key, host: url.host };
}

export function clientOf({ baseURL, apiKey }: Endpoint): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    ...(apiKey === undefined && { defaultHeaders: { Authorization: null } }),
    maxRetries: 0,
    timeout: HEADERS_TIMEOUT_MS,
    logLevel: 'off',
    // A 307 would send prompt and key to another host.
    fetchOptions: { redirect: 'error' },
    fetch: fetchBriefRefusals,
  });
}

/** The client reads the body of a refusal to its end, however long it is. */
async function fetchBriefRefusals(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch(unheard);
  if (response.ok || response.body === null) return response;
  const body = await beginningOf(response, REFUSAL_LIMIT_BYTES, init!.signal!);
  const { status, headers } = response;
  return new Response(body.subarray(0, REFUSAL_LIMIT_BYTES), { status, headers });
}

/** Where anything in an error is called a timeout, the client says just that; it does not look as deep as under this one. */
function unheard(error: unknown): never {
  throw new Error('the endpoint was not heard', { cause: error });
}
