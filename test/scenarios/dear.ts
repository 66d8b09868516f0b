// A model that costs something: a dollar for as much as one answer may have.
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';

const DOLLAR_TOKENS = 10_000;

export const dear = {
  'models.yaml': `models:
  frontier-a:
    endpoint: \${OPENAI_BASE_URL}
    key: OPENAI_API_KEY
    model: scripted
    family: scripted-a
    limits: { outputTokens: ${DOLLAR_TOKENS} }
    price: { inputUsdPerMillion: 0, outputUsdPerMillion: 100 }
  frontier-b: { endpoint: '\${OPENAI_BASE_URL}', model: scripted, family: scripted-b }
`,
};

export const costs = (answer: ScriptedAnswer, usd = 1): ScriptedAnswer => ({
  ...answer,
  usage: { inputTokens: 0, outputTokens: usd * DOLLAR_TOKENS },
});
