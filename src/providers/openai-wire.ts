// OpenAI's Chat Completions, spoken by OpenAI itself and by many other hosts: what is asked, and how an answer is read.
// Not streamed: some of OpenAI's models may be streamed only by organisations it has verified, and with a fetch that
// is patient (patient-fetch.ts) nothing is gained by it.
import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import * as z from 'zod';
import { isRecord } from '../council/field-rules.ts';
import { isStrict } from './answer-schema.ts';
import { type Ask, answerOf, type Ending } from './call.ts';
import { HttpFailure } from './call-errors.ts';
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
  // An answer is not lost for a bill that cannot be read.
  usage: z
    .object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) })
    .nullish()
    .catch(undefined),
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  length: 'truncated',
  content_filter: 'content-filter',
  // Mistral's word for an answer that outgrew the context
  model_length: 'truncated',
};

/** OpenRouter's and DeepSeek's words for an answer that the model never came to write. */
const INTERRUPTED: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource']);

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
  // Hosts that pass questions on to others say with a 200 that the other has failed.
  const failed = failedBehind(data);
  if (failed !== undefined) throw failed;
  const { id, model, choices, usage } = completion.parse(data);
  const [choice] = choices;
  const { content, refusal } = choice?.message ?? {};
  const finish = choice?.finish_reason ?? '';
  if (INTERRUPTED.has(finish)) throw new HttpFailure(502, new Headers(), {});
  const refused = refusal !== undefined && refusal !== null && refusal !== '';
  const ending = ENDINGS[finish] ?? 'whole';
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

function failedBehind(data: unknown): HttpFailure | undefined {
  const choices = isRecord(data) && Array.isArray(data.choices) ? data.choices : [];
  const error = [data, ...choices].find((place) => isRecord(place) && isRecord(place.error))?.error;
  if (!isRecord(error)) return undefined;
  const status = typeof error.code === 'number' && error.code >= 400 && error.code < 600 ? error.code : 502;
  return new HttpFailure(status, new Headers(), error);
}
