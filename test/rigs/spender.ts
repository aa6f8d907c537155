// A process that spends as fast as it can from a budget that others share: [directory] [calls]. Prints how many
// of its calls went through.
import { Budget } from '../../src/providers/budget.ts';
import type { Answer, Provider } from '../../src/providers/contract.ts';
import { aQuestion } from './question.ts';

const [directory = '', calls = '0'] = process.argv.slice(2);
const answered: Answer = {
  text: '',
  model: 'm',
  provenance: 'live',
  usage: { inputTokens: 0, outputTokens: 1 },
};
const inner: Provider = { name: 'cheap', provenance: 'live', ask: async () => answered };
const trouble: string[] = [];
const budget = new Budget(
  { limits: { dayUsd: 1 }, directory },
  { say: (text) => void trouble.push(text), now: () => Date.UTC(2026, 10, 21) },
);
const provider = budget.around(inner);
const question = aQuestion({
  backing: { ...aQuestion().backing, price: { inputUsd: 0, outputUsd: 10_000 } },
  sampling: { temperature: 0, maxTokens: 1 },
});

let through = 0;
for (let i = 0; i < Number(calls); i++) {
  await provider.ask(question).then(
    () => through++,
    () => undefined,
  );
}
process.stdout.write(JSON.stringify({ through, trouble }));
