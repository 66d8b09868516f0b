// What must leave no worker and enter no commit: the secrets that it holds itself, and what secretlint's rules take for anybody's.
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Secrets } from '../activities/ports';
import { redactor, secretsIn } from '../domain/secrets';

const PREFIX = '@secretlint/secretlint-rule-';
// By this one the text itself would say what is not looked at.
const chosen = rules.filter(({ meta }) => meta.id !== `${PREFIX}filter-comments`);

type Found = Awaited<ReturnType<Secrets['find']>>[number];
type Report = { message: { messageId: string }; range: readonly [from: number, to: number] };

/** `named` are the variables that hold keys whatever they are called. */
export function createSecrets(environment: NodeJS.ProcessEnv, named: readonly string[] = []): Secrets {
  return { redact: redactor(secretsIn(environment, named)), find };
}

// Each rule is asked here and not by secretlint's core, which keeps a note of each search, and reads all of them in the next.
async function find(content: string): Promise<Found[]> {
  const source = { filePath: '/text', content, ext: '', contentType: 'text' };
  const found: Found[] = [];
  for (const rule of chosen) {
    const context = {
      sharedOptions: {},
      createTranslator: () => (messageId: string) => ({ messageId }),
      report({ message: { messageId }, range: [from, to] }: Report) {
        found.push({ rule: `${rule.meta.id.replace(PREFIX, '')}: ${messageId}`, text: content.slice(from, to) });
      },
    };
    await rule.create(context as never, {}).file?.(source as never);
  }
  return found;
}
