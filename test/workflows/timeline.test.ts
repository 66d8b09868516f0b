// What an activity is called with, beside its task.
import { told } from '../../src/workflows/timeline';

type Greeting = { greet: (task: { name: string }) => Promise<string> };

const greeting = () => {
  const calls: unknown[] = [];
  const greet = { executeWithOptions: (options: object, args: unknown[]) => void calls.push({ options, args }) };
  return { calls, ...told<Greeting>({ greet } as never, { greet: ({ name }) => `greets ${name}` }) };
};

test('an activity gets its task as it is, and the words for it', () => {
  const { greet, calls } = greeting();
  void greet({ name: 'ada' });
  expect(calls).toEqual([{ options: { summary: 'greets ada' }, args: [{ name: 'ada' }] }]);
});

test('words are cut that a server could refuse: that would stop the run for good', () => {
  const { greet, calls } = greeting();
  void greet({ name: '€'.repeat(500) });
  const { options } = calls[0] as { options: { summary: string } };
  expect(Buffer.byteLength(options.summary)).toBeLessThan(400);
});
