// So many requests of a client in a minute, and fewer of those that try a password.
import { HttpError } from '../errors.mjs';
import { createRateLimit } from '../rate-limit.mjs';

const WINDOW_MS = 60_000;

export default ({ env, now }) => {
  const all = createRateLimit({ limit: limitFrom(env, 'RATE_LIMIT', 120), windowMs: WINDOW_MS, now });
  const credentials = createRateLimit({
    limit: limitFrom(env, 'CREDENTIALS_RATE_LIMIT', 20),
    windowMs: WINDOW_MS,
    now,
  });
  const trustProxy = env.TRUST_PROXY === '1';

  return function rateLimit(request, response) {
    const path = request.url.split('?', 1)[0];
    if (path === '/health') return;
    const client = clientOf(request, trustProxy);
    const counts = [all.count(client)];
    if (request.method === 'POST' && ['/users', '/sessions'].includes(path)) counts.push(credentials.count(client));

    const { remaining, resetSeconds } = counts.reduce((a, b) => (b.remaining < a.remaining ? b : a));
    response.setHeader('ratelimit-remaining', Math.max(0, remaining));
    response.setHeader('ratelimit-reset', resetSeconds);
    if (remaining < 0) {
      const headers = { 'retry-after': resetSeconds };
      throw new HttpError(429, 'too_many_requests', `try again in ${resetSeconds} seconds`, { headers });
    }
  };
};

function limitFrom(env, name, otherwise) {
  const limit = Number(env[name] ?? otherwise);
  if (!Number.isInteger(limit) || limit < 1) throw new Error(`${name} must be a whole number over 0, not ${env[name]}`);
  return limit;
}

// Only the last address was added by our own proxy; those before it are whatever the client sent.
function clientOf({ headers, socket }, trustProxy) {
  const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined;
  return forwarded?.split(',').at(-1).trim() || socket.remoteAddress;
}
