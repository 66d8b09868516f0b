// What several artifacts share.
import { Parts } from '../../../src/domain/artifacts/fields';
import { leastComputed } from '../../quickest';

const parts = (files: readonly string[]) => [
  { name: 'one', files: files.slice(1), description: '' },
  { name: 'two', files: files.slice(0, 1), description: '' },
];

// As many as an answer has room for.
const MANY = 60_000;
const many = Array.from({ length: MANY }, (_, at) => `src/${at}.js`);

test('parts that share a file are refused by its name, and many files are looked through at once', async () => {
  expect(Parts.safeParse(parts(many)).success).toBe(true);
  expect(Parts.safeParse(parts([many.at(-1)!, ...many])).error?.issues).toEqual([
    expect.objectContaining({ message: `two parts have the file ${many.at(-1)}: then they are not independent` }),
  ]);
  expect(await leastComputed(() => Parts.safeParse(parts(many)))).toBeLessThan(1_000);
});
