// One request to a package registry: to the operator's registries alone, of one size and time, and with its faults told apart.
import { beginningOf } from '../arriving';
import type { Registries, Route } from './registries';

const ANSWER_LIMIT_BYTES = 512 * 1024 * 1024;
const ANSWER_LIMIT_MS = 120_000;
const REDIRECTS = 3;

export type Fetched = { status: number; type: string; body: Buffer };

/** `unreachable` may be there later; the others will not. */
export class RegistryFault extends Error {
  constructor(
    readonly kind: 'unreachable' | 'missing' | 'refused' | 'credentials' | 'mismatch',
    message: string,
  ) {
    super(message);
  }
}

export async function fetchFrom(
  { routes }: Pick<Registries, 'routes'>,
  address: string,
  {
    accept = '*/*',
    limitBytes = ANSWER_LIMIT_BYTES,
    signal,
  }: { accept?: string; limitBytes?: number; signal?: AbortSignal } = {},
): Promise<Fetched> {
  // Not by AbortSignal.any: it holds what it is made of by weak references.
  const over = new AbortController();
  const cancel = () => over.abort(signal?.reason);
  const timer = setTimeout(() => over.abort(new Error(`no end after ${ANSWER_LIMIT_MS / 1000} s`)), ANSWER_LIMIT_MS);
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    return await followed(routes, address, accept, limitBytes, over.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

async function followed(
  routes: readonly Route[],
  address: string,
  accept: string,
  limitBytes: number,
  over: AbortSignal,
): Promise<Fetched> {
  let url = address;
  for (let hops = 0; hops <= REDIRECTS; hops++) {
    const route = routeFor(routes, url);
    if (route === undefined)
      throw new RegistryFault(
        'refused',
        `${shown(url)} is at none of the registries (MILLWRIGHT_REGISTRY_HOSTS names more hosts)`,
      );
    const response = await ask(url, accept, route, over);
    const to = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && to !== null && URL.canParse(to, url)) {
      url = new URL(to, url).href;
      await response.body?.cancel();
      continue;
    }
    return understood(url, response, limitBytes, over);
  }
  throw new RegistryFault('refused', `${shown(address)} is redirected more than ${REDIRECTS} times`);
}

/** The longest that fits: the others on its host may be another's. */
export function routeFor(routes: readonly Route[], address: string): Route | undefined {
  if (!URL.canParse(address)) return undefined;
  const { href } = new URL(address);
  return routes.filter(({ below }) => href.startsWith(below)).sort((a, b) => b.below.length - a.below.length)[0];
}

async function ask(url: string, accept: string, { authorization }: Route, signal: AbortSignal): Promise<Response> {
  const headers = { accept, 'user-agent': 'millwright', ...(authorization !== undefined && { authorization }) };
  return fetch(url, { headers, redirect: 'manual', signal }).catch((error: unknown) => {
    throw new RegistryFault('unreachable', `${hostOf(url)} does not answer: ${causeOf(error)}`);
  });
}

async function understood(url: string, response: Response, limitBytes: number, until: AbortSignal): Promise<Fetched> {
  const { status } = response;
  if (status === 401 || status === 403)
    throw new RegistryFault('credentials', `${hostOf(url)} answers ${status} for ${shown(url)}`);
  if (status === 404 || status === 410) throw new RegistryFault('missing', `${shown(url)} is not there (${status})`);
  if (status >= 500 || status === 429 || status === 408)
    throw new RegistryFault('unreachable', `${hostOf(url)} answers ${status}`);
  if (status !== 200) throw new RegistryFault('refused', `${shown(url)}: answered with ${status}`);
  return {
    status,
    type: response.headers.get('content-type') ?? '',
    body: await bodyOf(url, response, limitBytes, until),
  };
}

async function bodyOf(url: string, response: Response, limitBytes: number, until: AbortSignal): Promise<Buffer> {
  const body = await beginningOf(response, limitBytes, until).catch((error: unknown) => {
    throw new RegistryFault('unreachable', `${hostOf(url)} stopped in the middle: ${causeOf(error)}`);
  });
  if (body.length > limitBytes) throw new RegistryFault('refused', `${shown(url)} is larger than ${limitBytes} bytes`);
  return body;
}

const hostOf = (url: string): string => new URL(url).host;
/** What it asks for, and nothing that a server may have put into an address to let somebody in. */
const shown = (url: string): string =>
  (URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : 'an address').slice(0, 200);
const causeOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: Error & { code?: string } };
  return cause?.code ?? cause?.message ?? message;
};
