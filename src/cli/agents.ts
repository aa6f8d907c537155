// `conclave agents list|check|probe`: who sits and on what model, what would be lost together, and whether each model
// answers. A seat file says which model judges; models.yaml says whose it is and what it costs.
import { loadAgents } from '../seats/agents.ts';
import { modelDigest, type SeatFile } from '../seats/seat-file.ts';
import { checkAgents } from './agents-check.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder } from './folders.ts';
import { clip, padEnd, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

export type AgentsCommand = 'list' | 'check' | 'probe';

export async function agents(
  command: AgentsCommand,
  folder: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = agentsFolder(folder);
  const { seats, prompts } = loadAgents(path);
  switch (command) {
    case 'list':
      return list(path, seats, terminal);
    case 'check':
      return checkAgents({ folder: path, seats, forms: [...prompts.forms.keys()] }, terminal);
    case 'probe': {
      const { probeAgents } = await import('./agents-probe.ts');
      return probeAgents({ folder: path, seats, environment: process.env }, terminal);
    }
  }
}

const COLUMNS: readonly number[] = [3, 10, 13, 10, 23, 11, 13, 11];
const HEADINGS = ['', 'seat', 'lens', 'strictness', 'model', 'developer', 'host', '$ in/out'];

function list(folder: string, seats: readonly SeatFile[], terminal: Terminal): ExitCode {
  const { colors } = terminal;
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => padEnd(clip(visible(cell), COLUMNS[i] ?? 10), COLUMNS[i] ?? 10))
      .join(' ')
      .trimEnd();
  terminal.say(
    colors.dim(row(HEADINGS)),
    ...seats.map((seat) =>
      row([
        String(seat.seat).padStart(2, '0'),
        seat.name,
        seat.lens,
        seat.strictness,
        seat.model,
        seat.developer,
        seat.host,
        priceOf(seat),
      ]),
    ),
  );
  terminal.result({ agents: folder, seats: seats.map(shownSeat) });
  return EXIT.yes;
}

/** USD a million tokens; nothing where nobody sends a bill. */
function priceOf({ backing: { price }, listed }: SeatFile): string {
  if (price === undefined) return listed ? '' : 'unknown';
  return `${price.inputUsd}/${price.outputUsd}`;
}

function shownSeat(seat: SeatFile): object {
  const { name, lens, stance, strictness, prompt, provider, model, developer, family, host } = seat;
  return {
    seat: seat.seat,
    name,
    lens,
    stance,
    strictness,
    prompt,
    provider,
    model,
    developer,
    family,
    host,
    region: seat.region ?? null,
    price: seat.backing.price ?? null,
    fallback: seat.fallback?.model ?? null,
    sampling: seat.sampling,
    limits: seat.limits,
    listed: seat.listed,
    configuration: modelDigest(seat, { name: provider, provenance: 'live' }),
  };
}
