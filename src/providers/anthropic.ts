// Anthropic's API. Streamed, as its maker advises for long answers: pings keep the line open while the model thinks.
// The form of the answer is its native output format rather than a forced tool, since a model that thinks may not be
// forced to use one, and what is answered then comes back as it was written.
import type { Anthropic } from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages';
import { type Ask, answerOf, type Ending } from './call.ts';
import { UnreadableAnswer } from './call-errors.ts';
import type { JsonSchema, Question, Usage } from './contract.ts';
import type { Access } from './credentials.ts';
import { patientFetch } from './patient-fetch.ts';

const ENDINGS: Readonly<Record<string, Ending>> = {
  end_turn: 'whole',
  stop_sequence: 'whole',
  max_tokens: 'truncated',
  model_context_window_exceeded: 'truncated',
  refusal: 'refusal',
};

type Schemas = (schema: JsonSchema) => JsonSchema;

export async function anthropic({ baseUrl, key }: Access): Promise<Ask> {
  const [{ Anthropic }, { transformJSONSchema }] = await Promise.all([
    import('@anthropic-ai/sdk'),
    import('@anthropic-ai/sdk/lib/transform-json-schema'),
  ]);
  const client = new Anthropic({
    baseURL: baseUrl,
    apiKey: key ?? null,
    authToken: null,
    webhookKey: null,
    // Only the runner retries.
    maxRetries: 0,
    fetch: patientFetch,
    logLevel: 'off',
    openTelemetry: false,
  });
  return (question, signal) => ask(client, question, { signal, schemas: transformJSONSchema });
}

async function ask(
  client: Anthropic,
  question: Question,
  { signal, schemas }: { readonly signal: AbortSignal; readonly schemas: Schemas },
): Promise<ReturnType<typeof answerOf>> {
  const { data: stream, request_id } = await client.messages
    .create(requestOf(question, schemas), { signal, timeout: question.timeoutMs })
    .withResponse();
  let text = '';
  let model: string | undefined;
  let stop: string | undefined;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  for await (const event of stream) {
    if (event.type === 'message_start') {
      model = event.message.model;
      const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } =
        event.message.usage;
      const cached = (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
      usage = { inputTokens: input_tokens + cached, outputTokens: output_tokens };
    } else if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      text += event.delta.text;
    } else if (event.type === 'message_delta') {
      stop = event.delta.stop_reason ?? undefined;
      usage = { ...usage, outputTokens: event.usage.output_tokens };
    }
  }
  // A line that is cut between two events ends the stream without a word.
  if (model === undefined || stop === undefined) throw new UnreadableAnswer('the stream broke off');
  const ending = ENDINGS[stop];
  if (ending === undefined) throw new UnreadableAnswer('it stopped for an unknown reason');
  return answerOf({ text, ending, model, usage, requestId: request_id ?? undefined }, question);
}

function requestOf(
  { backing: { model, accepts }, prompt, sampling }: Question,
  schemas: Schemas,
): MessageCreateParamsStreaming {
  const schema = accepts.schema ? said(prompt.schema, schemas) : undefined;
  return {
    model,
    stream: true,
    system: prompt.system,
    messages: [{ role: 'user', content: prompt.user }],
    max_tokens: sampling.maxTokens,
    // Older models take one; this SDK no longer knows it.
    ...(accepts.temperature ? { temperature: sampling.temperature } : {}),
    ...(schema === undefined
      ? {}
      : { output_config: { format: { type: 'json_schema', schema: { ...schema } } } }),
  };
}

/** The part of a schema that Anthropic takes, or undefined where its own conversion gives up. */
function said(schema: JsonSchema, schemas: Schemas): JsonSchema | undefined {
  try {
    return schemas(schema);
  } catch {
    return undefined;
  }
}
