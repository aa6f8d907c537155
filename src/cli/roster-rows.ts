// A change of the roster in words, for whoever is to sign it.
import { type Roster, type RosterSeat, seatOf } from '../council/roster.ts';
import type { RosterProposal } from '../node/roster/roster-proposal.ts';
import { padEnd, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

const KEY_CHARS = 12;

export function changeRows(
  before: Roster,
  { epoch, change }: RosterProposal,
  { colors }: Terminal,
): string[] {
  return [
    `  roster of epoch ${epoch + 1}, from ${change.from.slice(0, 16)}:`,
    ...change.seats.flatMap((chair) => {
      const was = seatOf(before, chair.seat);
      const head = `  ${padEnd(`seat ${chair.seat}`, 8)} ${padEnd(visible(chair.name), 12)} `;
      return differences(was, chair).map((line, i) =>
        i === 0 ? `${head}${line}` : `${' '.repeat(head.length)}${colors.dim(line)}`,
      );
    }),
    '',
  ];
}

function differences(was: RosterSeat | undefined, is: RosterSeat): string[] {
  if (is.vacant === true) return ['left vacant: it counts as missing'];
  const sits = `${visible(is.family)} of ${visible(is.developer)}, by ${visible(is.host)}`;
  const lines = [
    was !== undefined && was.model !== is.model
      ? `${visible(was.family)} of ${visible(was.developer)} → ${sits}`
      : sits,
  ];
  if (was?.model !== is.model) lines.push(`configuration ${is.model.slice(0, 16)}`);
  if (was?.ed25519 !== is.ed25519) lines.push(`new keys: ${is.ed25519.slice(0, KEY_CHARS)}…`);
  if (was?.node !== is.node) lines.push(`at ${visible(is.node)}`);
  return lines;
}
