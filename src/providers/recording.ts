// What a council asked and was answered, kept as one file a call, so that a case can be judged again from the same
// answers without a network, a key or a bill; for audits, tests and arguments about a prompt. What a recording gives is
// marked `recorded` in every ballot (protocol 6.4). It holds evidence and answers in full, but no key: what is secret
// is struck out before anything is written.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { badInput, ConclaveError, reasonOf } from '../errors.ts';
import { type Answer, type Provider, ProviderError, type Question } from './contract.ts';
import { keptAnswer, makeKeptFolder, writeKeptFile } from './kept-file.ts';
import { questionKey } from './question-key.ts';
import {
  isRecordingName,
  MAX_RECORDINGS,
  type Recording,
  readRecording,
  recordingName,
  recordingOf,
  struckOut,
} from './recording-file.ts';
import { withdrawal } from './time-limit.ts';

export interface RecordingOptions {
  /** struck out wherever they stand */
  readonly secrets: readonly string[];
  /** hears of what could not be written */
  readonly say?: (trouble: string) => void;
}

/** Writes down what passes through it. Throws only here, when the directory cannot be made. */
export function recordingProvider(
  directory: string,
  inner: Provider,
  { secrets, say = () => {} }: RecordingOptions,
): Provider {
  try {
    makeKeptFolder(directory);
  } catch (cause) {
    throw new ConclaveError('storage', `could not make ${directory} to record into`, {}, { cause });
  }
  const calls = new Map<string, number>();
  const record = (question: Question, outcome: Pick<Recording, 'answer' | 'error'>): void => {
    const key = questionKey(question);
    const call = (calls.get(key) ?? 0) + 1;
    calls.set(key, call);
    const recording = { ...recordingOf(question, key, call), ...outcome };
    const file = recordingName(recording);
    try {
      writeKeptFile(join(directory, file), struckOut(recording, secrets));
    } catch (error) {
      // The answer is paid for and stays; whoever asked for the recording learns that it has a gap.
      say(`${file} could not be recorded: ${reasonOf(error)}`);
    }
  };
  return {
    name: inner.name,
    provenance: inner.provenance,
    ask: async (question, signal) => {
      let answer: Answer;
      try {
        answer = await inner.ask(question, signal);
      } catch (error) {
        // That a question was withdrawn says nothing about how it would have been answered.
        if (error instanceof ProviderError && error.code !== 'cancelled') {
          record(question, { error: { code: error.code, message: error.message } });
        }
        throw error;
      }
      record(question, { answer: keptAnswer(answer) });
      return answer;
    },
  };
}

/** Answers as recorded, and only what was recorded; what is malformed is refused at once, by name. */
export function recordedProvider(directory: string): Provider {
  const recordings = load(directory);
  const asked = new Map<string, number>();
  return {
    name: 'recorded',
    provenance: 'recorded',
    ask: async (question, signal) => {
      if (signal?.aborted === true) throw withdrawal(signal);
      const key = questionKey(question);
      const calls = recordings.get(key);
      if (calls === undefined) throw unknownQuestion(question, recordings, directory);
      const before = asked.get(key) ?? 0;
      asked.set(key, before + 1);
      // Asked more often than then, it hears the last answer again.
      const { answer, error } = calls[Math.min(before, calls.length - 1)] ?? {};
      if (answer !== undefined) return { ...answer, provenance: 'recorded' };
      throw new ProviderError(error?.code ?? 'malformed', error?.message ?? 'nothing was recorded');
    },
  };
}

type Kept = Pick<Recording, 'seat' | 'call' | 'answer' | 'error'>;

function load(directory: string): ReadonlyMap<string, readonly Kept[]> {
  const recordings = new Map<string, Kept[]>();
  for (const file of filesIn(directory)) {
    const { seat, key, call, answer, error } = readRecording(directory, file);
    const kept = {
      seat,
      call,
      ...(answer === undefined ? {} : { answer }),
      ...(error === undefined ? {} : { error }),
    };
    recordings.set(key, [...(recordings.get(key) ?? []), kept]);
  }
  for (const calls of recordings.values()) calls.sort((a, b) => a.call - b.call);
  return recordings;
}

function filesIn(directory: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    throw badInput('expected a directory of recordings that can be read', { file: directory });
  }
  const files = names.filter(isRecordingName).sort();
  if (files.length === 0) {
    throw badInput('expected recordings, as `conclave review --record DIR` writes them', { file: directory });
  }
  if (files.length > MAX_RECORDINGS) {
    throw badInput(`expected at most ${MAX_RECORDINGS} recordings, found ${files.length}`, {
      file: directory,
    });
  }
  return files;
}

function unknownQuestion(
  { seat, backing }: Question,
  recordings: ReadonlyMap<string, readonly Kept[]>,
  directory: string,
): ProviderError {
  const other = [...recordings.values()].some(([first]) => first?.seat === seat);
  const found = other ? 'it was asked something else, or of another model' : 'it was not asked at all';
  return new ProviderError(
    'rejected',
    `seat ${seat}: no recording of this question to ${backing.model} in ${directory}, where ${found}; record it anew with --record`,
  );
}
