// OpenAI's Chat Completions, spoken by OpenAI itself and by many other hosts: what is asked, and how an answer is read.
// Not streamed: some of OpenAI's models may be streamed only by organisations it has verified, and with a fetch that
// is patient (patient-fetch.ts) nothing is gained by it.
import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import * as z from 'zod';
import { isStrict } from './answer-schema.ts';
import { type Ask, answerOf, type Ending } from './call.ts';
import type { Answer, Question } from './contract.ts';
import type { Access } from './credentials.ts';
import { patientFetch } from './patient-fetch.ts';

/** How a host's wire differs from OpenAI's. */
export interface Dialect {
  readonly maxTokens: 'max_completion_tokens' | 'max_tokens';
  readonly seed: 'seed' | 'random_seed';
}

const completion = z.object({
  id: z.string().optional(),
  model: z.string(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish(),
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  length: 'truncated',
  content_filter: 'content-filter',
  // Mistral's word for an answer that outgrew the context
  model_length: 'truncated',
};

export async function openaiClient({ baseUrl, key }: Access): Promise<OpenAI> {
  const { OpenAI } = await import('openai');
  return new OpenAI({
    baseURL: baseUrl,
    // The SDK wants one, and a host that asks for none ignores it.
    apiKey: key ?? 'none',
    // Only the runner retries.
    maxRetries: 0,
    fetch: patientFetch,
    logLevel: 'off',
    // Otherwise taken from the process's environment and sent to whatever host this is.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
  });
}

export function askOpenai(client: OpenAI, dialect: Dialect): Ask {
  return async (question, signal) => {
    const { data, request_id } = await client.chat.completions
      .create(requestOf(question, dialect), { signal, timeout: question.timeoutMs })
      .withResponse();
    return answerFrom(data, request_id ?? undefined, question);
  };
}

function requestOf(
  { backing: { model, accepts }, prompt, sampling }: Question,
  dialect: Dialect,
): ChatCompletionCreateParamsNonStreaming {
  const { temperature, seed, maxTokens } = sampling;
  const { system, user, schema } = prompt;
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    [dialect.maxTokens]: maxTokens,
    ...(accepts.temperature ? { temperature } : {}),
    ...(accepts.seed && seed !== undefined ? { [dialect.seed]: seed } : {}),
    ...(accepts.schema
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', strict: isStrict(schema), schema },
          },
        }
      : {}),
  };
}

function answerFrom(data: unknown, requestId: string | undefined, question: Question): Answer {
  const { id, model, choices, usage } = completion.parse(data);
  const [choice] = choices;
  const { content, refusal } = choice?.message ?? {};
  const refused = refusal !== undefined && refusal !== null && refusal !== '';
  const ending = ENDINGS[choice?.finish_reason ?? ''] ?? 'whole';
  return answerOf(
    {
      text: content ?? '',
      ending: refused ? 'refusal' : ending,
      model,
      usage: usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : undefined,
      requestId: requestId ?? id,
    },
    question,
  );
}
