// The tokens by themselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokens } from '../src/tokens.mjs';

const secret = 'a secret of thirty-two characters';
const tokens = createTokens({ secret, ttlSeconds: 60, now: () => 1_000 });

test('a token gives back its user', () => {
  assert.equal(tokens.verify(tokens.issue('ada').token), 'ada');
});

test('a token is good for every instance with the same secret', () => {
  const elsewhere = createTokens({ secret, ttlSeconds: 60, now: () => 2_000 });
  assert.equal(elsewhere.verify(tokens.issue('ada').token), 'ada');
});

test('instances without a secret do not share one', () => {
  const [one, other] = [1, 2].map(() => createTokens({ now: () => 1_000 }));
  assert.equal(other.verify(one.issue('ada').token), undefined);
});

test('a changed character anywhere makes a token worthless', () => {
  const { token } = tokens.issue('ada');
  for (let at = 0; at < token.length; at += 1) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    assert.equal(tokens.verify(changed), undefined, `changed at ${at}`);
  }
});

test('a signature that is cut short, or missing, is refused', () => {
  const { token } = tokens.issue('ada');
  assert.equal(tokens.verify(token.slice(0, -1)), undefined);
  assert.equal(tokens.verify(token.slice(0, token.indexOf('.') + 1)), undefined);
  assert.equal(tokens.verify(token.slice(0, token.indexOf('.'))), undefined);
});
