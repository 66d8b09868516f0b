// Tokens that name a user and an end, signed with HMAC-SHA256: '<payload>.<signature>', both in base64url.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_MIN_CHARS = 32;

/** Without a secret a random one is made: its tokens end with the process. */
export function createTokens({ secret = randomBytes(32).toString('hex'), ttlSeconds = 3600, now }) {
  if (secret.length < SECRET_MIN_CHARS) throw new Error(`TOKEN_SECRET needs at least ${SECRET_MIN_CHARS} characters`);
  const ttlMs = Number(ttlSeconds) * 1000;
  if (!(ttlMs > 0)) throw new Error(`TOKEN_TTL_SECONDS must be a number over 0, not ${ttlSeconds}`);
  const sign = (payload) => createHmac('sha256', secret).update(payload).digest('base64url');

  return {
    issue(userId) {
      const expiresAt = now() + ttlMs;
      const payload = Buffer.from(JSON.stringify({ userId, expiresAt })).toString('base64url');
      return { token: `${payload}.${sign(payload)}`, expiresAt };
    },

    /** The user's id, or undefined when the token is forged, altered or expired. */
    verify(token) {
      const [payload, signature, ...rest] = token.split('.');
      if (signature === undefined || rest.length > 0) return undefined;
      if (!inConstantTime(signature, sign(payload))) return undefined;
      // Only we can have signed it, so it is what we wrote.
      const { userId, expiresAt } = JSON.parse(Buffer.from(payload, 'base64url'));
      return now() < expiresAt ? userId : undefined;
    },
  };
}

// How long the comparison takes must not tell how much of a guessed signature was right.
function inConstantTime(given, expected) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
