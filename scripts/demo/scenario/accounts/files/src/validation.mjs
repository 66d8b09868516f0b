// Checks the fields of a body. A rule takes a value and returns what is wrong with it, or undefined.
import { HttpError } from './errors.mjs';

/** The fields that have a rule, and no others; all that are wrong are named at once. */
export function validate(body, rules) {
  const names = Object.keys(rules);
  const problems = names.map((name) => [name, rules[name](body[name])]).filter(([, problem]) => problem !== undefined);
  if (problems.length > 0) {
    const fields = Object.fromEntries(problems);
    throw new HttpError(422, 'invalid_fields', `not valid: ${Object.keys(fields).join(', ')}`, { fields });
  }
  return Object.fromEntries(names.map((name) => [name, body[name]]));
}

export const text =
  ({ min = 0, max }) =>
  (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max
      ? undefined
      : `must be a text of ${min} to ${max} characters`;

const EMAIL_LIMIT_CHARS = 254;

// Only a mail that arrives proves an address: this refuses what cannot be one.
export const email = (value) =>
  typeof value === 'string' && value.length <= EMAIL_LIMIT_CHARS && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)
    ? undefined
    : 'must be an email address';
