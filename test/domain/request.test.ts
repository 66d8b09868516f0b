import { parseInput } from '../../src/domain/failures';
import { MilestoneRequest, ProjectRequest } from '../../src/domain/request';

const asked = (repository: string) => ({ request: 'Sums, please.', repository });

describe.each([
  ['a project', ProjectRequest],
  ['a milestone', MilestoneRequest],
])('the request of %s', (_, schema) => {
  test('holds no password: it is refused without being repeated, with words on where it belongs', () => {
    const refused = () => parseInput(schema, asked('https://ada:s3cret@example.com/app.git'), 'request');
    expect(refused).toThrow(expect.objectContaining({ type: 'InvalidInput', nonRetryable: true }));
    expect(refused).toThrow(/credential helper or the SSH agent of the workers[^]*repository/);
    expect(refused).not.toThrow(/s3cret/);
  });

  test('may name the user that the workers are to be', () => {
    const { repository } = parseInput(schema, asked('ssh://git@example.com:22/app.git'));
    expect(repository).toBe('ssh://git@example.com:22/app.git');
  });
});
