// What the demo makes of one look at a project after the other.
import { keepingSeen } from '../../scripts/demo/follow';
import type { Status } from '../../src/domain/status';

const seen = (id: string, state: Status['state']) => ({ id, state }) as Status;

test('a milestone that gives no answer at one look stays as it was at the last', () => {
  const before = [seen('demo/accounts', 'merged'), seen('demo/login', 'running')];
  expect(keepingSeen(before, [seen('demo/login', 'waiting')])).toEqual([
    seen('demo/accounts', 'merged'),
    seen('demo/login', 'waiting'),
  ]);
});

test('one that has begun since then comes after them', () => {
  const before = [seen('demo/accounts', 'merged')];
  expect(
    keepingSeen(before, [seen('demo/accounts', 'merged'), seen('demo/login', 'running')]).map(({ id }) => id),
  ).toEqual(['demo/accounts', 'demo/login']);
});
