// What a worker cannot read for want of a key is taken for nothing else: its task fails in words, and Temporal tries again until a worker has the key.
import { KeyMissing } from '../domain/encryption';
import { Undecodable } from '../domain/undecodable';

export function readable<T>(value: T): T {
  if (value instanceof Undecodable && value.lacksKey) throw new KeyMissing(value.why);
  return value;
}
