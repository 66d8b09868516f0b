import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bare, fresh, hook } from '../adapters/git/ground';
import { until } from '../until';

const PATIENCE_MS = 240_000;

/** A repository that lets a push stand in the door until it is let in: one to its main branch, or what else this shell command is true of. */
export function slow(isMeant = '[ "$ref" = refs/heads/main ]') {
  const folder = fresh('door');
  const repository = bare({ 'README.md': '# Sums\n' });
  const [reached, answer] = [join(folder, 'reached'), join(folder, 'answer')];
  mkdirSync(folder);
  hook(
    repository,
    'pre-receive',
    `while read before after ref; do
  ${isMeant} || continue
  touch '${reached}'
  for i in $(seq ${PATIENCE_MS / 100}); do [ -e '${answer}' ] && exit "$(cat '${answer}')"; sleep 0.1; done
done`,
  );
  return {
    repository,
    reached: () => until(() => existsSync(reached), PATIENCE_MS),
    letIn: () => writeFileSync(answer, '0'),
  };
}
