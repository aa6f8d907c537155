// How much of ours lies in each stream of a server. MAXLEN bounds entries, not bytes, and a message may be megabytes; so
// each writer keeps count of what it wrote and says from where on the rest may go.

/** Finer than this it need not be known. */
const PIECE_BYTES = 256 * 1024;
/** Streams beyond this are forgotten, the oldest first: those of clients, which expire by themselves. */
const MAX_STREAMS = 2_048;

interface Piece {
  readonly firstId: string;
  bytes: number;
}

export class StreamRoom {
  readonly #pieces = new Map<string, Piece[]>();

  /** Notes an entry; an id when everything below it is to be trimmed. */
  added(stream: string, id: string, bytes: number, maxBytes: number): string | undefined {
    const pieces = this.#of(stream);
    const last = pieces.at(-1);
    if (last !== undefined && last.bytes + bytes <= PIECE_BYTES) last.bytes += bytes;
    else pieces.push({ firstId: id, bytes });
    let total = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    if (total <= maxBytes) return undefined;
    // The latest always stays, however large it is.
    while (total > maxBytes && pieces.length > 1) total -= pieces.shift()?.bytes ?? 0;
    return pieces[0]?.firstId;
  }

  /** From where on half of ours would stay. */
  half(stream: string): string | undefined {
    const pieces = this.#of(stream);
    pieces.splice(0, Math.floor(pieces.length / 2));
    return pieces[0]?.firstId;
  }

  forget(stream: string): void {
    this.#pieces.delete(stream);
  }

  #of(stream: string): Piece[] {
    const known = this.#pieces.get(stream);
    if (known !== undefined) return known;
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size >= MAX_STREAMS && oldest !== undefined) this.#pieces.delete(oldest);
    const pieces: Piece[] = [];
    this.#pieces.set(stream, pieces);
    return pieces;
  }
}
