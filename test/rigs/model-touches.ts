// What aimock leaves out of a maker's answer and a real one says: Ollama's counts, ending and model, Google's model
// version and response id, OpenAI's refusals.
import { isRecord } from '../../src/council/field-rules.ts';
import { type Asked, at } from './model-request.ts';
import type { Scripted } from './model-server.ts';

/** Takes a line of the answer (of a stream, or a whole body) and gives the line to send. */
export function lastTouches(request: Asked, answer: Scripted): (line: string) => string {
  if (!('text' in answer)) return (line) => line;
  return (line) => {
    const [, before = '', json = ''] = /^(data: )?(\{.*\})\s*$/.exec(line) ?? [];
    if (json === '') return line;
    const said: unknown = JSON.parse(json);
    return isRecord(said) ? before + JSON.stringify(touched(request, answer, said)) : line;
  };
}

function touched(
  { maker, model, number }: Asked,
  answer: Extract<Scripted, { readonly text: string }>,
  said: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { usage, ending, servedAs = model } = answer;
  switch (maker) {
    case 'ollama':
      return {
        ...said,
        model: servedAs,
        ...(said.done !== true
          ? {}
          : {
              done_reason: ending ?? 'stop',
              prompt_eval_count: usage?.inputTokens ?? 0,
              eval_count: usage?.outputTokens ?? 0,
            }),
      };
    case 'google':
      return { ...said, modelVersion: servedAs, responseId: `req-${number}` };
    case 'openai':
    case 'compatible': {
      const choice = at(said, 'choices', 0);
      const message = at(choice, 'message');
      if (ending !== 'refusal' || !isRecord(choice) || !isRecord(message)) return said;
      const refused = { ...message, content: null, refusal: answer.text };
      return { ...said, choices: [{ ...choice, message: refused }] };
    }
    case 'anthropic':
      return said;
    default:
      return maker satisfies never;
  }
}
