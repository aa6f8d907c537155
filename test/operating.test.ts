// The documents for operators name commands, and a command that is not there at 3 a.m. is worse than none: each
// `conclave …` of docs/operating.md and README.md must exist, with every option that is given.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../src/cli/program.ts';
import { Terminal } from '../src/cli/terminal.ts';

const DOCUMENTS = ['docs/operating.md', 'README.md'];

/** In blocks of code and between backticks; a word in capitals, a path or a number is an argument. */
function commandsIn(document: string): readonly string[] {
  const text = readFileSync(document, 'utf8');
  const blocks = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const inline = [...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code = '']) => code,
  );
  const asked = [...blocks, ...inline].flatMap((line) => {
    const [, words] = /^\s*(?:\$ )?(?:npx )?conclave ([a-z].*?)\s*(?:#.*)?$/.exec(line) ?? [];
    return words ?? [];
  });
  return [...new Set(asked)];
}

const quiet = { write: () => true };

async function helpOf(words: readonly string[]): Promise<{ readonly exit: number; readonly help: string }> {
  const told: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
  try {
    const terminal = new Terminal(
      { json: false, debug: false },
      { stdout: quiet, stderr: quiet, environment: {} },
    );
    return { exit: await runProgram([...words, '--help'], terminal), help: told.join('') };
  } finally {
    spy.mockRestore();
  }
}

/** What is wrong with a command as it is written, in words. */
async function problemsWith(command: string): Promise<readonly string[]> {
  const words = command.split(/\s+/);
  const [name = '', sub = ''] = words;
  const top = await helpOf([name]);
  if (top.exit !== 0 || !top.help.startsWith(`Usage: conclave ${name} `)) return [`no command "${name}"`];
  const isGroup = /^Commands:$/m.test(top.help);
  const { help } = isGroup ? await helpOf([name, sub]) : top;
  if (isGroup && !help.startsWith(`Usage: conclave ${name} ${sub} `)) return [`no command "${name} ${sub}"`];
  return words
    .filter((word) => word.startsWith('-'))
    .flatMap((option) =>
      new RegExp(`(?:^|[\\s,])${option}(?![\\w-])`, 'm').test(help) ? [] : [`no option ${option}`],
    );
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(DOCUMENTS)('%s', (document) => {
  it.each(commandsIn(document).map((command) => [command]))('conclave %s', async (command) => {
    expect(await problemsWith(command)).toEqual([]);
  });
});

describe('docs/operating.md', () => {
  it('every link leads somewhere', () => {
    const text = readFileSync('docs/operating.md', 'utf8');
    const chapters = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to);
    expect(links.length).toBeGreaterThan(10);
    for (const to of links) {
      if (to.startsWith('#')) expect(chapters).toContain(to.slice(1));
      else expect(existsSync(join('docs', to)), to).toBe(true);
    }
  });
});

describe('the check itself', () => {
  it('finds a command, a second word and an option that are not there', async () => {
    expect(await problemsWith('coronate --now')).toEqual(['no command "coronate"']);
    expect(await problemsWith('roster crown')).toEqual(['no command "roster crown"']);
    expect(await problemsWith('status --council DIR --loud')).toEqual(['no option --loud']);
  });

  it('reads the documents', () => {
    expect(commandsIn('docs/operating.md').length).toBeGreaterThan(12);
  });
});
