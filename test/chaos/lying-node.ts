// A node that lies in every way the simulator knows, as a process over the real transport: it has the keys of its seats,
// hears everything that is broadcast, and speaks under its node's name. Beside the simulator's liars, who forge,
// equivocate, withhold and vote twice, it floods and repeats bytes, on every line.
//
//   node --import tsx test/chaos/lying-node.ts <council> <node> <redis urls> <seed> <counts file>
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../src/consensus/messages.ts';
import { Council } from '../../src/council/council.ts';
import { statementVerifier } from '../../src/council/misbehaviour.ts';
import type { OpenCase } from '../../src/council/state.ts';
import type { LedgerState } from '../../src/ledger/executor.ts';
import { openDirectory, openStore } from '../../src/node/council-directory.ts';
import { decodePeerMessage, encodeEndorsements } from '../../src/node/peer-message.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { fromBase64 } from '../../src/signing/bytes.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { seatHolder } from '../../src/signing/key-holder.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import { Adversary } from '../../src/simulation/adversary.ts';
import { type Move, movesOf } from '../../src/simulation/liars/behaviours.ts';
import { Random } from '../../src/simulation/random.ts';
import { CouncilStore } from '../../src/storage/council-store.ts';
import { RedisTransport } from '../../src/transport/redis/redis-transport.ts';
import { LINES, type LineName, Switchboard } from '../../src/transport/switchboard.ts';
import { asPeerId } from '../../src/transport/transport.ts';
import { OpenedBallots, PolicyBallotBox, RealBallotLiars } from './ballot-lies.ts';
import { lieToClients } from './client-lies.ts';
import { HeldSignatures, LyingWorld } from './lying-world.ts';

const [council = '', node = '', redis = '', seedText = '1', countsFile = ''] = process.argv.slice(2);
const seed = Number(seedText);
const random = new Random(seed, 41);
const counts: Record<string, number> = {};
const count = (lie: string): void => {
  counts[lie] = (counts[lie] ?? 0) + 1;
};
const trouble = (error: unknown): void => {
  count('(failed to lie)');
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
};

const own = join(council, 'nodes', node);
const bls = await fastestBls();
const { founding, paths } = openDirectory(own, bls);
const { councilId, roster } = founding;

// Those of honest seats it only has to sign for another council with, as they might have done.
const secrets = new Map<SeatId, Uint8Array>();
for (const { seat, node: of } of roster.seats) {
  const { keysOf } = openDirectory(join(council, 'nodes', of), bls);
  secrets.set(seat, keysOf(seatHolder(seat)).ed25519.secret);
}
const verifySignature = (key: string, message: Uint8Array, signature: string): boolean => {
  try {
    return fastestEd25519.verify(fromBase64(key), message, fromBase64(signature));
  } catch {
    return false;
  }
};
const verifier = statementVerifier(founding, { verifySignature });
const signatures = new HeldSignatures(councilId, secrets, verifier);

const names = [...new Set(roster.seats.map((seat) => seat.node))];
const wire = await RedisTransport.join({ councilId, self: node, peers: names, servers: redis.split(',') });
const heard: Uint8Array[] = [];
const MOST_KEPT = 500;
const board = new Switchboard(wire);
const line = board.line('council');
const world = new LyingWorld(
  { founding, seed, node },
  {
    transport: line,
    signatures,
    council: new Council(founding, { verifySignature, statements: verifier }),
    onTrouble: trouble,
  },
);
const opened = new OpenedBallots();

const learn = (message: Message): void => {
  world.tap.hear(message, () => {});
  if (message.kind === 'entries' || message.kind === 'status') opened.hear(message.entries);
  if (message.kind === 'blocks') for (const { entries } of message.blocks) opened.hear(entries);
  if (message.kind === 'proposal') opened.hear(message.block.entries);
};
line.onMessage((_from, bytes) => {
  if (heard.length < MOST_KEPT) heard.push(bytes);
  else heard[random.between(0, MOST_KEPT - 1)] = bytes;
  try {
    const received = decodePeerMessage(bytes);
    if (received.kind === 'ordering') learn(received.message);
  } catch (error) {
    trouble(error);
  }
});

// What the node knew while it was honest.
const store = new CouncilStore(openStore(paths));
for (const { block } of store.chain(councilId)) {
  learn({ kind: 'blocks', blocks: [block], commit: null });
  signatures.digestOfHeader(block.header);
}
await store.close();

const adversary: Adversary<LedgerState> = new Adversary(world, () => liars.invent());
const box = new PolicyBallotBox(founding, {
  signerOf: (seat) => (message) => signatures.signBytes(seat, message),
  submitter: () => () => {
    throw new Error('it is no submitter');
  },
  verify: verifySignature,
});

/** As of the highest block it can make sense of; asks for what it lacks. */
function openCases(): readonly OpenCase[] {
  const blocks = [...world.tap.blocks.values()].sort((a, b) => b.header.height - a.header.height);
  for (const { digest } of blocks.slice(0, 8)) {
    const standing = adversary.standing(digest);
    if (standing !== undefined) return [...standing.state.council.open.values()];
  }
  const [highest] = blocks;
  if (highest !== undefined) {
    const { digest, header } = highest;
    const aboveHeight = Math.max(0, header.height - 64) as typeof header.height;
    world.send(0, random.pick(adversary.victims), { kind: 'blocks-wanted', block: digest, aboveHeight });
  }
  return [];
}
const liars = new RealBallotLiars(adversary, box, opened, openCases);

// --- what the simulator has no wire for

const LINE_NAMES = Object.keys(LINES) as readonly LineName[];
const others = names.filter((name) => name !== node).map(asPeerId);

/** Bytes of no meaning, on any line, to anybody. */
function garbage(): void {
  const bytes = randomBytes(random.pick([0, 1, 7, 300, 20_000]));
  board.line(random.pick(LINE_NAMES)).send(random.pick(['all', ...others] as const), bytes);
}

/** What somebody once said, again, whole, cut short, bent, or on another line. */
function replayBytes(): void {
  const bytes = random.pickMaybe(heard);
  if (bytes === undefined || bytes.length < 2) return;
  const bent = Uint8Array.from(bytes);
  const at = random.between(1, bytes.length - 1);
  bent[at] = (bent[at] ?? 0) ^ (1 << random.between(0, 7));
  const said = random.pick([bytes, bytes.subarray(0, at), bent]);
  const on = random.chance(0.7) ? line : board.line(random.pick(LINE_NAMES));
  on.send(random.pick(['all', ...others] as const), said);
}

/** Hundreds of messages at once. */
function flood(): void {
  for (let i = 0; i < 300; i++) random.chance(0.5) ? replayBytes() : garbage();
}

/** Signatures on decisions that are none, in its own name and in others'. */
function falseEndorsements(): void {
  const open = openCases();
  const caseId = random.pickMaybe(open)?.caseId;
  if (caseId === undefined) return;
  const endorsements = random.sample(roster.seats, random.between(1, 8)).map(({ seat }) => ({
    seat,
    envelope: new Uint8Array(randomBytes(64)),
    share: new Uint8Array(randomBytes(96)),
  }));
  endorsements.sort((a, b) => a.seat - b.seat);
  line.send(
    'all',
    encodeEndorsements({ kind: 'endorsements', caseId, wanted: random.chance(0.5), endorsements }),
  );
}

/** Everything a node can be asked to send, again and again. */
function begForBlocks(): void {
  const block = random.pickMaybe([...world.tap.blocks.values()]);
  if (block === undefined) return;
  world.send(0, random.pick(adversary.victims), {
    kind: 'blocks-wanted',
    block: block.digest,
    aboveHeight: 0 as typeof block.header.height,
  });
}

const ON_THE_WIRE: readonly (readonly [() => void, number])[] = [
  [garbage, 10],
  [replayBytes, 20],
  [falseEndorsements, 4],
  [begForBlocks, 4],
  [flood, 1],
];

// --- at it

const told = (move: Move): Move => {
  const telling: Move = (of) => {
    count(move.name);
    move(of);
  };
  return telling;
};
/** Each quarter of a minute another mix, as the seed will have it; a mix of nothing is silence. */
const MIX_LASTS_MS = 15_000;
let moves = movesOf('any', adversary.random).map(told);
setInterval(() => {
  moves = movesOf('any', adversary.random).map(told);
  if (moves.length === 0) count('silence');
}, MIX_LASTS_MS);
const act = (): void => {
  world.after(random.between(2, 14), act);
  for (let i = random.between(1, 3); i > 0; i--) random.pickMaybe(moves)?.(adversary);
};
world.after(1, act);
const wireLies = ON_THE_WIRE.flatMap(([lie, often]) => new Array<() => void>(often).fill(lie));
const actOnWire = (): void => {
  world.after(random.between(2, 30), actOnWire);
  const lie = random.pick(wireLies);
  count(lie.name);
  lie();
};
world.after(1, actOnWire);
liars.begin();
lieToClients(
  { founding, seats: adversary.seats },
  {
    desk: board.line('desk'),
    dossiers: board.line('dossiers'),
    random,
    sign: (seat, message) => signatures.signBytes(seat, message),
    count,
  },
);

const tell = (): void => {
  if (countsFile !== '') writeFileSync(countsFile, JSON.stringify({ ...counts, said: world.said }));
};
setInterval(tell, 500);
process.on('SIGTERM', () => {
  tell();
  process.exit(0);
});
process.on('uncaughtException', trouble);
process.on('unhandledRejection', trouble);
process.stdout.write(`${JSON.stringify({ ready: true, node })}\n`);
