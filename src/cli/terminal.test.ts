import { describe, expect, it } from 'vitest';
import { failureOf } from './exit-codes.ts';
import { Terminal } from './terminal.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, rows: 24, write: (text: string) => written.push(text), written };
}

function on(watched: boolean, json: boolean, environment: NodeJS.ProcessEnv = {}) {
  const stdout = screen(watched);
  const stderr = screen(watched);
  const debug = environment.CONCLAVE_DEBUG === '1';
  const terminal = new Terminal({ json, debug }, { stdout, stderr, environment });
  return { out: () => stdout.written.join(''), err: () => stderr.written.join(''), terminal };
}

describe('the terminal', () => {
  it('with --json stdout holds the one object, and words go to stderr', () => {
    const { out, err, terminal } = on(false, true);
    terminal.say('working');
    terminal.draw(['drawn']);
    terminal.result({ valid: true });
    expect(out()).toBe('{"schemaVersion":1,"valid":true}\n');
    expect(err()).toBe('working\n');
  });

  it('people get words and no object', () => {
    const { out, terminal } = on(false, false);
    terminal.say('working');
    terminal.result({ valid: true });
    expect(out()).toBe('working\n');
  });

  it('colour and drawing only where a person watches', () => {
    expect(on(true, false).terminal.colors.isColorSupported).toBe(true);
    expect(on(true, false, { NO_COLOR: '1' }).terminal.colors.isColorSupported).toBe(false);
    expect(on(true, false, { TERM: 'dumb' }).terminal.live).toBe(false);
    expect(on(false, false).terminal.colors.isColorSupported).toBe(false);
    expect(on(false, false).terminal.live).toBe(false);
    expect(on(true, true).terminal.live).toBe(false);
  });

  it('what was drawn is wiped before lasting lines take its place', () => {
    const { out, terminal } = on(true, false);
    terminal.draw(['one', 'two']);
    terminal.say('done');
    expect(out().endsWith('\u001b[2A\u001b[0J\u001b[?25hdone\n')).toBe(true);
  });

  it('an error is an object under --json, a line otherwise, and a stack only for bugs and when asked', () => {
    const bad = failureOf(Object.assign(new Error('odd'), { code: 'EIO' }));
    const asked = on(false, true);
    asked.terminal.fail(bad);
    expect(JSON.parse(asked.out())).toEqual({
      schemaVersion: 1,
      error: { code: 'storage', message: 'odd' },
    });

    const bug = failureOf(new TypeError('broken \u001b[2J'));
    const people = on(false, false);
    people.terminal.fail(bug);
    const said = people.err();
    expect(said).toContain('error: broken \\u{1b}[2J\n');
    expect(said).not.toMatch(/ {4}at /);

    const curious = on(false, false, { CONCLAVE_DEBUG: '1' });
    curious.terminal.fail(bug);
    expect(curious.err()).toMatch(/ {4}at /);
  });
});
