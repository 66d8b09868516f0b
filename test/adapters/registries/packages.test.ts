// What a person is told of a package that is new: whether it and its version are there, and since when; and nothing else is fetched.
import { createPackages } from '../../../src/adapters/registries/packages';
import { createRegistries } from '../../../src/adapters/registries/registries';
import { useRegistry } from '../../registry/registry';

const registry = useRegistry();
const look = (...named: string[]) =>
  createPackages(createRegistries({ npm: registry.npm, python: registry.python })).look(named);

beforeAll(() => {
  const files = { 'index.js': '1\n' };
  registry
    .publish('left-pad', '1.3.0', files)
    .publish('left-pad', '1.4.0', files, { at: new Date(Date.now() - 3.5 * 86_400_000).toISOString() })
    .publish('@scope/words', '2.0.0', files, { at: 'some day' })
    .wheel('padding', '1.0.0', { 'padding.py': '1\n' });
});
afterEach(() => (registry.out = undefined));

test.each([
  ['npm:left-pad@1.3.0', 'there', /^published 2020-02-20, \d+ days ago$/],
  ['npm:left-pad@1.4.0', 'there', /^published \d{4}-\d\d-\d\d, 3 days ago$/],
  ['npm:left-pad@^1.3.0', 'there', /^its newest is 1\.4\.0, published .*, 3 days ago$/],
  ['npm:left-pad@9.9.9', 'missing', /^left-pad has no version 9\.9\.9$/],
  ['npm:left-padd@1.3.0', 'missing', /^left-padd is not at http:.*\/npm\/$/],
  ['npm:@scope/words@2.0.0', 'there', /^age unknown$/],
  ['python:padding@1.0.0', 'there', /^published 2020-02-20, \d+ days ago$/],
  ['python:padding@>=1', 'there', /^its newest is 1\.0\.0, published 2020-02-20/],
  ['python:pading@1.0.0', 'missing', /^pading is not at http:.*\/simple\/$/],
  ['package-lock.json', 'unknown', /no name of a package/],
] as const)('%s is %s', async (named, known, says) => {
  expect(await look(named)).toEqual([{ named, known, says: expect.stringMatching(says) }]);
  expect(registry.asked.filter(({ url }) => /\.(tgz|whl)$/.test(url))).toEqual([]);
});

test('a registry that does not answer is no reason to take a package for a dream', async () => {
  registry.out = 503;
  expect(await look('npm:left-pad@1.3.0')).toEqual([
    { named: 'npm:left-pad@1.3.0', known: 'unknown', says: expect.stringMatching(/^age unknown: .* answers 503$/) },
  ]);
});
