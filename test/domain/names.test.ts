import fc from 'fast-check';
import { partNames } from '../../src/domain/names';

test('parts are called plainly, whatever the model called them', () => {
  expect(partNames(['src/users.js', '../../etc', 'Ünïcode', '', 'api', 'API', 'api-2'])).toEqual([
    ...['src-users-js', 'etc', 'n-code', 'part', 'api', 'api-2', 'api-2-2'],
  ]);
});

test('no two are alike, so that none passes for the work of another', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('a', 'a-2', 'A', 'a/2'))), (names) => {
      const found = partNames(names);
      expect(new Set(found).size).toBe(names.length);
      for (const name of found) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }),
  );
});
