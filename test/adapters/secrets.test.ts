// Looking for secrets in what a model says costs no more the longer a worker lives, and keeps nothing of it.
import { performance } from 'node:perf_hooks';
import { createSecrets } from '../../src/adapters/secrets';

const { find } = createSecrets({});
const token = `gh${'p'}_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0p'}pINU`; // so that no scanner takes this file for a leak

test('what is found is named by its rule, and is where it stands', async () => {
  const found = [{ rule: expect.stringMatching(/^github: /), text: token }];
  expect(await find(`// a token\nexports.token = '${token}';\n`)).toEqual(found);
  expect(await find('exports.token = 1;\n')).toEqual([]);
});

test('nothing of the search stays behind in the process', async () => {
  const kept = () => performance.getEntries().length;
  const before = kept();
  for (let each = 0; each < 10; each++) await find(`text ${each}`);
  expect(kept()).toBe(before);
});
