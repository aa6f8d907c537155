// The one file that lists models (models.yaml): whose each is, what it costs and what it accepts. A seat names its
// model and everything else follows from here, so that another model is one line in one file, and what seats share
// is known to the caps whatever a seat file says (protocol 6.2).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { line } from '../council/field-rules.ts';
import { badInput } from '../errors.ts';
import { conform, readYamlFile, type WrittenDocument } from '../providers/written-document.ts';

export const MODELS_FILE = 'models.yaml';
export const MAX_MODELS = 500;
const MAX_TOKENS = 20_000_000;
const MAX_USD = 10_000;

/** Whose APIs are spoken; each has a file in src/providers. */
export const PROVIDERS = ['openai', 'anthropic', 'google', 'ollama', 'compatible'] as const;
export const providerName = z.enum(PROVIDERS);

/** Those send a bill for every call, so their models need a price: without one no budget would hold. */
const BILLING: ReadonlySet<string> = new Set(['openai', 'anthropic', 'google']);

export const modelId = line(80);
export const domainName = line(40);
const tokens = z.int().min(1).max(MAX_TOKENS);
const usd = z.number().min(0).max(MAX_USD);

const modelSchema = z
  .strictObject({
    id: modelId,
    provider: providerName,
    developer: domainName,
    family: domainName,
    /** absent where the seat file has to say whose machines it runs on */
    host: z.exactOptional(domainName),
    contextTokens: tokens,
    maxOutputTokens: tokens,
    price: z.exactOptional(z.strictObject({ inputUsd: usd, outputUsd: usd }).readonly()),
    accepts: z.strictObject({ temperature: z.boolean(), seed: z.boolean(), schema: z.boolean() }).readonly(),
    /** the day of the document that says so */
    asOf: z.iso.date(),
    source: z.url({ protocol: /^https$/ }).max(300),
    /** where the name was seen */
    seen: line(200),
  })
  .readonly();

const modelsSchema = z
  .strictObject({ models: z.array(modelSchema).min(1).max(MAX_MODELS).readonly() })
  .readonly();

export type Model = z.infer<typeof modelSchema>;

/** By id. */
export type Models = ReadonlyMap<string, Model>;

/** What comes with conclave; two folders above this file both in src/ and in dist/. */
const SHIPPED = fileURLToPath(new URL(`../../agents/${MODELS_FILE}`, import.meta.url));

/** Those a council brings with it, else those that come with conclave. */
export function modelsIn(directory: string): Models {
  const own = join(directory, MODELS_FILE);
  return loadModels(existsSync(own) ? own : SHIPPED);
}

export function loadModels(file: string): Models {
  return modelsOf(readYamlFile(file));
}

export function modelsOf(document: WrittenDocument): Models {
  const { models } = conform(document, modelsSchema, 'models');
  const known = new Map<string, Model>();
  models.forEach((model, i) => {
    const fail = (field: string, message: string) => {
      const line = document.lineOf(['models', i, field]);
      return badInput(`models: "${model.id}" ${message}`, {
        file: document.file,
        ...(line === undefined ? {} : { line }),
      });
    };
    if (known.has(model.id)) throw fail('id', 'is listed twice');
    if (BILLING.has(model.provider) && model.price === undefined) {
      throw fail('id', `needs a price: ${model.provider} sends a bill, and budgets are kept by prices`);
    }
    if (model.maxOutputTokens > model.contextTokens) {
      throw fail('maxOutputTokens', 'cannot answer at more length than its context has');
    }
    known.set(model.id, model);
  });
  return known;
}

/** Whose machines answer when nothing else is said. */
export function usualHost({ host, provider }: Model): string {
  return host ?? provider;
}
