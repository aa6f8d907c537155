// Google's API by @google/generative-ai, which its maker has ended: everything of it is in this file
// (docs/decisions/0006-google-generative-ai.md says what that costs and what a change would touch). Streamed, since
// this SDK takes no fetch but Node's own, which gives up when nothing is said for five minutes.
import type { GenerateContentRequest, GoogleGenerativeAI, ResponseSchema } from '@google/generative-ai';
import * as z from 'zod';
import { isRecord } from '../council/field-rules.ts';
import { googleSchema } from './answer-schema.ts';
import { type Ask, answerOf, type Ending } from './call.ts';
import { UnreadableAnswer } from './call-errors.ts';
import type { Answer, Question, Usage } from './contract.ts';
import type { Access } from './credentials.ts';
import { AnswerTooLarge, MAX_ANSWER_BYTES } from './patient-fetch.ts';

/** An answer is not lost for a bill that cannot be read. */
const tokens = z.int().min(0).optional().catch(undefined);

const chunk = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({
            parts: z
              .array(z.object({ text: z.string().optional(), thought: z.boolean().optional() }))
              .optional(),
          })
          .optional(),
        finishReason: z.string().optional(),
      }),
    )
    .optional(),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z
    .object({ promptTokenCount: tokens, candidatesTokenCount: tokens, thoughtsTokenCount: tokens })
    .optional(),
  modelVersion: z.string().optional(),
  responseId: z.string().optional(),
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  STOP: 'whole',
  MAX_TOKENS: 'truncated',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
};

export async function google({ baseUrl, key }: Access): Promise<Ask> {
  const { GoogleGenerativeAI } = await import('@google/generative-ai');
  const client = new GoogleGenerativeAI(key ?? '');
  return (question, signal) => ask(client, question, { baseUrl, signal });
}

async function ask(
  client: GoogleGenerativeAI,
  question: Question,
  { baseUrl, signal }: { readonly baseUrl: string; readonly signal: AbortSignal },
): Promise<Answer> {
  // No `timeout` is handed over: the SDK never clears the timer it would set.
  const model = client.getGenerativeModel({ model: question.backing.model }, { baseUrl });
  const { stream, response } = await model.generateContentStream(requestOf(question), { signal });
  // The SDK reads the stream a second time for this promise, whose failure nobody would hear of.
  response.catch(() => {});
  let text = '';
  let stop: string | undefined;
  let served: string | undefined;
  let usage: Usage | undefined;
  let requestId: string | undefined;
  for await (const said of stream) {
    const { candidates = [], promptFeedback, usageMetadata, modelVersion, responseId } = chunk.parse(said);
    const [candidate] = candidates;
    for (const part of candidate?.content?.parts ?? []) if (part.thought !== true) text += part.text ?? '';
    if (text.length > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    if (promptFeedback?.blockReason !== undefined) stop = 'PROHIBITED_CONTENT';
    else stop = candidate?.finishReason ?? stop;
    served = modelVersion ?? served;
    requestId = responseId ?? requestId;
    if (usageMetadata !== undefined) {
      const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = usageMetadata;
      usage = { inputTokens: promptTokenCount, outputTokens: candidatesTokenCount + thoughtsTokenCount };
    }
  }
  const ending = ENDINGS[stop ?? ''];
  if (ending === undefined) throw new UnreadableAnswer('it stopped for no reason that is known');
  return answerOf({ text, ending, model: served ?? question.backing.model, usage, requestId }, question);
}

function requestOf({ backing: { accepts }, prompt, sampling }: Question): GenerateContentRequest {
  const { temperature, seed, maxTokens } = sampling;
  const schema = accepts.schema ? googleSchema(prompt.schema) : undefined;
  return {
    systemInstruction: { role: 'system', parts: [{ text: prompt.system }] },
    contents: [{ role: 'user', parts: [{ text: prompt.user }] }],
    generationConfig: {
      maxOutputTokens: maxTokens,
      ...(accepts.temperature ? { temperature } : {}),
      // Google takes one; this SDK does not know it.
      ...(accepts.seed && seed !== undefined ? { seed } : {}),
      ...(accepts.schema ? { responseMimeType: 'application/json' } : {}),
      ...(schema === undefined ? {} : { responseSchema: asResponseSchema.parse(schema) }),
    },
  };
}

/** The SDK's schemas are typed by an enumeration of its own; on the wire they are JSON. */
const asResponseSchema = z.custom<ResponseSchema>(isRecord);
