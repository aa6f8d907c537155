import { describe, expect, it } from 'vitest';
import { badInput, ConclaveError } from '../errors.ts';
import { failureOf } from './exit-codes.ts';

describe('exit codes', () => {
  it('every kind of error has its number', () => {
    const exitOf = (code: ConstructorParameters<typeof ConclaveError>[0]): number =>
      failureOf(new ConclaveError(code, 'x')).exit;
    expect(exitOf('usage')).toBe(64);
    expect(exitOf('bad-input')).toBe(65);
    expect(exitOf('unavailable')).toBe(69);
    expect(exitOf('internal')).toBe(70);
    expect(exitOf('storage')).toBe(74);
  });

  it('what nobody foresaw is a bug; a full disk is not', () => {
    expect(failureOf(new TypeError('x is not a function')).exit).toBe(70);
    expect(failureOf('thrown text').exit).toBe(70);
    expect(failureOf(Object.assign(new Error('no space left'), { code: 'ENOSPC' })).exit).toBe(74);
  });

  it('bad input keeps its place and carries no stack', () => {
    const failure = failureOf(badInput('expected a title', { file: '/cases/a.yaml', line: 3 }));
    expect(failure).toEqual({
      exit: 65,
      code: 'bad-input',
      message: 'expected a title',
      file: '/cases/a.yaml',
      line: 3,
    });
  });
});
