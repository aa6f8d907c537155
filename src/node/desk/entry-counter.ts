// Where clients hand in entries: openings of cases, and changes of the roster. What seats say comes by the line of the
// nodes and is not taken here. "Taken" means that this node will propose it and say it again until it is ordered or
// can never be; it is no acknowledgement (protocol 8.3).
import type { Entry } from '../../consensus/block.ts';
import { caseIdOf } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import { ConclaveError } from '../../errors.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import { digestOfBytes } from '../../signing/digest.ts';
import type { DeskNode } from './desk.ts';
import { type Answer, MAX_WHY_CHARS } from './desk-message.ts';

export class EntryCounter {
  readonly #node: Pick<DeskNode, 'file' | 'submit' | 'state'>;

  constructor(node: Pick<DeskNode, 'file' | 'submit' | 'state'>) {
    this.#node = node;
  }

  async file(base64: string): Promise<Answer> {
    try {
      const bytes = fromBase64(base64);
      const { fields } = openEntry(bytes);
      const entry: Entry = { digest: digestOfBytes(bytes), bytes };
      if (fields.kind === 'case.opened') {
        const caseId = caseIdOf(fields.case);
        const { open, decided } = this.#node.state;
        if (!open.has(caseId) && !decided.has(caseId)) await this.#node.file(caseId, entry);
        return { kind: 'taken' };
      }
      if (OF_CLIENTS.has(fields.kind)) {
        this.#node.submit([entry]);
        return { kind: 'taken' };
      }
      return { kind: 'none', why: `entries of kind ${fields.kind} are not taken here` };
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      return { kind: 'none', why: error.message.slice(0, MAX_WHY_CHARS) };
    }
  }
}

/** Beside openings of cases: what people sign, and not seats. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['roster.changed']);
