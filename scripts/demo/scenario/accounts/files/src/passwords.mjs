// Passwords are kept as salted scrypt hashes. Each hash carries its own cost, so that the cost can be raised later.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const COST = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
// Node's own limit is just too low for this cost, which takes 128 · N · r bytes.
const MEMORY_LIMIT_BYTES = 64 * 1024 * 1024;

const deriveKey = promisify(scrypt);

// The same password typed on two keyboards may differ in its code points; its normal form does not.
const derive = (password, salt, cost) =>
  deriveKey(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MEMORY_LIMIT_BYTES });

export function createPasswords(cost = COST) {
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const key = await derive(password, salt, cost);
      return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
    },

    async verify(password, hash) {
      const [, N, r, p, salt, key] = hash.split('$');
      const itsCost = { N: Number(N), r: Number(r), p: Number(p) };
      const derived = await derive(password, Buffer.from(salt, 'base64url'), itsCost);
      return timingSafeEqual(derived, Buffer.from(key, 'base64url'));
    },
  };
}
