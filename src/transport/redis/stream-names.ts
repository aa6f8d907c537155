// Which streams there are, who writes them and who reads them. Clients have a way in of their own, so that a crowd of
// them trims away nothing of what nodes say to each other.

/** How a client names itself; any other name is a node's. */
export const CLIENT_NAME = /^client-[0-9a-f]{8,64}$/;

const COUNCIL_DIGITS = 16;

export class StreamNames {
  readonly #prefix: string;

  constructor(councilId: string) {
    this.#prefix = `conclave:${councilId.slice(0, COUNCIL_DIGITS)}:`;
  }

  /** What a node says to everybody. */
  toAll(sender: string): string {
    return `${this.#prefix}all:${sender}`;
  }

  /** What nodes say to one node or client. */
  toOne(recipient: string): string {
    return `${this.#prefix}to:${recipient}`;
  }

  /** What clients say to a node. */
  asked(node: string): string {
    return `${this.#prefix}ask:${node}`;
  }
}

/** A stream that is read, and whose word counts in it. */
export interface Listening {
  readonly stream: string;
  /** Under which budget a sender falls here; undefined for one who has no business in this stream. */
  readonly budgetOf: (sender: string) => string | undefined;
}

export function streamsOf(
  names: StreamNames,
  self: string,
  peers: ReadonlySet<string>,
): readonly Listening[] {
  const known = (sender: string) => (sender === self || peers.has(sender) ? sender : undefined);
  const inbox = { stream: names.toOne(self), budgetOf: known };
  if (isClient(self, peers)) return [inbox];
  const client = (sender: string) => (CLIENT_NAME.test(sender) && !peers.has(sender) ? 'clients' : undefined);
  const others = [...peers].filter((peer) => peer !== self);
  return [
    inbox,
    // Names of clients are free for the taking, so all of them share one budget.
    { stream: names.asked(self), budgetOf: client },
    ...others.map((peer) => ({
      stream: names.toAll(peer),
      budgetOf: (sender: string) => (sender === peer ? peer : undefined),
    })),
  ];
}

export function isClient(name: string, peers: ReadonlySet<string>): boolean {
  return CLIENT_NAME.test(name) && !peers.has(name);
}
