// Somebody who submits cases, over a connection of its own: what `conclave submit` does, without a process for each case,
// which on two cores would be most of the load. It acknowledges nothing but what it holds a checked proof of.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeNames } from '../../src/council/roster.ts';
import { CouncilClient } from '../../src/node/client/council-client.ts';
import { type Submission as Answer, submitCase } from '../../src/node/client/submission.ts';
import { SubmissionRecords } from '../../src/node/client/submission-record.ts';
import { submitterHolder } from '../../src/node/council-directory.ts';
import { SUBMITTERS_FOLDER } from '../../src/node/running/founding.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { loadCase } from '../../src/seats/case-folder.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { KEY_INDEX_NAME, openKeyDirectory } from '../../src/signing/key-file.ts';
import { keyFileName } from '../../src/signing/key-holder.ts';
import { MemoryFolder } from '../../src/storage/folder.ts';
import { RedisTransport } from '../../src/transport/redis/redis-transport.ts';
import { Switchboard } from '../../src/transport/switchboard.ts';
import type { Transport } from '../../src/transport/transport.ts';
import type { RunningCouncil } from '../rigs/running-council.ts';

export interface ClerkOptions {
  readonly passphrase?: string;
  readonly records?: SubmissionRecords;
}

export class Clerk {
  readonly #client: CouncilClient;
  readonly #dossiers: Transport;
  readonly #board: Switchboard;
  readonly #records: SubmissionRecords;
  readonly #submitter: string;
  readonly #secret: Uint8Array;

  /** Clerks with the same records go on with each other's cases. */
  static async join(
    { founding, folder, redis }: RunningCouncil,
    { passphrase, records = new SubmissionRecords(new MemoryFolder()) }: ClerkOptions = {},
  ): Promise<Clerk> {
    const bls = await fastestBls();
    const self = `client-${randomBytes(8).toString('hex')}`;
    const peers = nodeNames(founding.roster);
    const servers = redis.map(({ url }) => url);
    const transport = await RedisTransport.join({ councilId: founding.councilId, self, peers, servers });
    const board = new Switchboard(transport);
    const [submitter] = founding.charter.submitters;
    if (submitter === undefined) throw new Error('the charter names no submitter');
    const keys = join(folder, SUBMITTERS_FOLDER);
    const holder = submitterHolder(submitter.id);
    const held = openKeyDirectory(readFileSync(join(keys, KEY_INDEX_NAME)), passphrase).decode(
      holder,
      readFileSync(join(keys, keyFileName(holder))),
      { ed25519: fastestEd25519, bls },
    );
    const backends = { ed25519: fastestEd25519, bls };
    const client = new CouncilClient({ founding }, { transport: board.line('desk'), backends });
    return new Clerk(client, board, { submitter: submitter.id, secret: held.ed25519.secret, records });
  }

  private constructor(
    client: CouncilClient,
    board: Switchboard,
    { submitter, secret, records }: { submitter: string; secret: Uint8Array; records: SubmissionRecords },
  ) {
    this.#records = records;
    this.#client = client;
    this.#board = board;
    this.#dossiers = board.line('dossiers');
    this.#submitter = submitter;
    this.#secret = secret;
  }

  /** One at a time. Submitted again after a "not yet" it goes on with the same case. */
  async submit(file: string, withinMs: number): Promise<Answer> {
    const { source } = await loadCase(file);
    return submitCase(
      { source, submitter: this.#submitter, secret: this.#secret, again: false, withinMs },
      {
        client: this.#client,
        dossiers: this.#dossiers,
        ed25519: fastestEd25519,
        records: this.#records,
        tell: () => {},
      },
    );
  }

  /** False answers that it found out, by node. */
  get lies(): ReadonlyMap<string, string> {
    return this.#client.lies;
  }

  close(): Promise<void> {
    return this.#board.close();
  }
}
