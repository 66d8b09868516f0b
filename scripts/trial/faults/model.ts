// Faults of the model's endpoint: one answer of it is not what was asked for.
import type { ScriptedAnswer } from '../../scripted-model/server';
import type { FaultKind } from './kind';

/** The first answer of one stage is this; who asks again is answered as ever. */
const modelSays = (name: string, answer: (as: ScriptedAnswer) => ScriptedAnswer): FaultKind => ({
  name: `model: ${name}`,
  make(random) {
    const schema = random.oneOf(['Specification', 'Architecture', 'Change', 'TestSuite', 'Review', 'Evaluation']);
    let done = false;
    return {
      says: (victim) => (scenario) => async (call) => {
        const as = await scenario(call);
        if (done || call.schema !== schema) return as;
        done = true;
        victim()?.struck(`model: ${name}, in ${call.stage}`);
        return answer(as);
      },
    };
  },
});

const textOf = (as: ScriptedAnswer): string => JSON.stringify('json' in as ? as.json : as);

export const ofModel: readonly FaultKind[] = [
  modelSays('429', () => ({ status: 429, headers: { 'retry-after': '2' }, body: { error: { message: 'slow down' } } })),
  modelSays('503', () => ({ status: 503, body: { error: { message: 'overloaded' } } })),
  modelSays('silence', () => ({ silence: true })),
  modelSays('drip', (as) => ({ drip: { everyMs: 2_000 }, text: textOf(as) })),
  modelSays('reset', (as) => ({ resetAfterChars: 40, text: textOf(as) })),
  modelSays('truncated', (as) => ({ truncated: textOf(as).slice(0, 60) })),
  modelSays('rubbish', () => ({ garbage: '<html><body>Bad gateway</body></html>' })),
  modelSays('cut off', (as) => ({ cutOff: textOf(as).slice(0, 60) })),
  modelSays('refusal', () => ({ refusal: 'I would rather not.' })),
  modelSays('huge', () => ({ huge: 20_000_000 })),
];
