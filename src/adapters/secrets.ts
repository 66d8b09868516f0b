// What must leave no worker and enter no commit: the secrets that it holds itself, and what secretlint's rules take for anybody's.
import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Secrets } from '../activities/ports';
import { redactor, secretsIn } from '../domain/secrets';

const PREFIX = '@secretlint/secretlint-rule-';
// By this one the text itself would say what is not looked at.
const chosen = rules.filter(({ meta }) => meta.id !== `${PREFIX}filter-comments`);
const config = { rules: chosen.map((rule) => ({ id: rule.meta.id, rule })) };

/** `named` are the variables that hold keys whatever they are called. */
export function createSecrets(environment: NodeJS.ProcessEnv, named: readonly string[] = []): Secrets {
  return {
    redact: redactor(secretsIn(environment, named)),
    async find(content) {
      const source = { filePath: '/text', content, ext: '', contentType: 'text' as const };
      const { messages } = await lintSource({ source, options: { config: config as never } });
      return messages.map(({ ruleId, messageId, range: [from, to] }) => ({
        rule: `${ruleId.replace(PREFIX, '')}: ${messageId}`,
        text: content.slice(from, to),
      }));
    },
  };
}
