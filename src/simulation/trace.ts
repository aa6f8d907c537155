// A schedule in words: what a violation is read from. Blocks are named by their view and the start of their
// digest, seats and nodes by number.
import type { Block } from '../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../consensus/certificates.ts';
import type { Message } from '../consensus/messages.ts';
import { textOf } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';

/** Lines of a trace that are kept; what came before them is rarely what broke. */
export const MAX_TRACE_LINES = 400;

export class Trace {
  readonly #lines: string[] = [];

  add(atMs: number, text: string): void {
    this.#lines.push(`${String(atMs).padStart(7)}  ${text}`);
    if (this.#lines.length > 2 * MAX_TRACE_LINES) this.#lines.splice(0, this.#lines.length - MAX_TRACE_LINES);
  }

  show(atMs: number, from: number, to: number, message: Message): void {
    this.add(atMs, `${from} → ${to}: ${describe(message)}`);
  }

  lines(): readonly string[] {
    return this.#lines.slice(-MAX_TRACE_LINES);
  }
}

const short = (digest: Digest): string => digest.slice(0, 8).replace(/^0+(?=.)/, '');

export function describeBlock({ digest, header, entries }: Block): string {
  const payload = entries.map(({ bytes }) => textOf(bytes.slice(0, 24))).join(' ');
  return `block ${short(digest)} (view ${header.view} height ${header.height} on ${short(header.parent)}) [${payload}]`;
}

function describeCertificate({ kind, view, block }: Certificate): string {
  return `${kind === 'prepare' ? 'C' : 'D'}${view}(${short(block)})`;
}

function describeTimeouts({ view, reports, high }: TimeoutCertificate): string {
  return `T${view}{${reports.map((r) => `${r.seat}:${r.prepareView}`).join(' ')} high ${describeCertificate(high)}}`;
}

export function describe(message: Message): string {
  switch (message.kind) {
    case 'proposal': {
      const { seat, block, justify, timeoutCertificate } = message;
      const timeouts = timeoutCertificate === null ? '' : ` after ${describeTimeouts(timeoutCertificate)}`;
      return `seat ${seat} proposes ${describeBlock(block)} on ${describeCertificate(justify)}${timeouts}`;
    }
    case 'vote':
      return `seat ${message.seat} votes ${message.phase} in view ${message.view} for ${short(message.block)}`;
    case 'timeout': {
      const { seat, view, prepareView, prepare } = message;
      return `seat ${seat} gives up view ${view}, locked on ${prepareView}, ${describeCertificate(prepare)}`;
    }
    case 'status': {
      const { view, prepare, commit, timeoutCertificate, parts, entries } = message;
      const timeouts = timeoutCertificate === null ? '' : ` ${describeTimeouts(timeoutCertificate)}`;
      const certificates = `${describeCertificate(prepare)} ${describeCertificate(commit)}${timeouts}`;
      return `status view ${view} ${certificates} [${parts.map(describe).join('; ')}] ${entries.length} entries`;
    }
    case 'entries':
      return `entries ${message.entries.map(({ bytes }) => textOf(bytes.slice(0, 24))).join(' ')}`;
    case 'blocks-wanted':
      return `wants ${short(message.block)} above height ${message.aboveHeight}`;
    case 'blocks':
      return `blocks ${message.blocks.map(({ header }) => header.height).join(' ')}`;
    default:
      return message satisfies never;
  }
}
