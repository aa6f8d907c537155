// The second half of a node's start: its store is opened and replayed, and from here on it orders, judges and signs.
import { DiskFolder } from '../../storage/folder.ts';
import { asPeerId } from '../../transport/transport.ts';
import { openStore } from '../council-directory.ts';
import { CouncilNode } from '../council-node.ts';
import { DossierExchange } from '../dossiers/dossier-exchange.ts';
import { NotaryHere } from '../signing/notary.ts';
import { SigningThreads } from '../signing/signing-threads.ts';
import type { Joined } from './joining.ts';
import { NodeJobs } from './node-jobs.ts';
import { type Log, logEvent } from './node-log.ts';
import type { Ending, RunningNodeDependencies, RunningNodeOptions } from './running-options.ts';

/** Evaluations at the same time; those that never answer must not keep others from asking. */
const CONCURRENCY = 256;
const PUBLISH_DELAY_MS = 50;
/** What is durable is durable; what still wants to be published may take so long. */
const DRAIN_WITHIN_MS = 8_000;

export interface Opened {
  readonly node: CouncilNode;
  readonly certificates: DiskFolder;
  readonly jobs: NodeJobs | undefined;
  /** resolves with the reason when it stops for good */
  readonly stopped: Promise<unknown>;
  readonly fail: (error: unknown) => void;
}

export async function opened(
  { place, pace, jobsUrl }: RunningNodeOptions,
  { limitOf, log }: RunningNodeDependencies,
  joined: Joined,
  endings: Ending[],
): Promise<Opened> {
  const { keys, bls, wire, secretsOf, judging } = joined;
  const { founding, paths } = joined.directory;
  let fail: (error: unknown) => void = () => {};
  const stopped = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const dossiers = new DiskFolder(paths.dossiers, { secret: true });
  const certificates = new DiskFolder(paths.certificates);
  const exchange = new DossierExchange(
    { founding, self: asPeerId(place.name), seats: keys.secrets, secretsOf, boxKeys: keys.box },
    { transport: wire.line('dossiers'), dossiers, onFailed: fail },
  );
  endings.push(() => exchange.close());
  const endorsing = { founding, keys: keys.endorsing };
  const threads = new SigningThreads(endorsing, new NotaryHere(endorsing, bls));
  const { councilId, charter } = founding;
  const { commitMs } = charter.windows;
  const jobs =
    jobsUrl === undefined
      ? undefined
      : new NodeJobs(
          { url: jobsUrl, councilId, seats: place.seats, concurrency: CONCURRENCY, commitMs },
          { node: joined.node, ...(limitOf && { limitOf }) },
        );
  const store = openStore(paths);
  const node = await CouncilNode.open(
    {
      founding,
      self: asPeerId(place.name),
      seats: keys.secrets,
      secretsOf,
      pace,
      concurrency: CONCURRENCY,
      publishDelayMs: PUBLISH_DELAY_MS,
    },
    {
      store,
      ledger: new DiskFolder(paths.ledger),
      certificates,
      dossiers,
      notary: threads,
      verifyMany: threads.verifyMany,
      transport: wire.line('council'),
      judge: judging,
      logKey: keys.log,
      fetchDossier: exchange.fetch,
      ...(jobs && { makeJobs: jobs.make }),
    },
  ).catch(async (error: unknown) => {
    await jobs?.close();
    await store.close();
    throw error;
  });
  endings.push(() => drained(node, log));
  joined.begin(node);
  node.watch((event) => {
    logEvent(log, event);
    if (event.kind === 'stopped') fail(event.error);
  });
  if (node.stopped !== undefined) fail(node.stopped.error);
  await exchange.serve(node);
  return { node, certificates, jobs, stopped, fail };
}

/** Crash here, or leave late: what was said is durable, and the rest is found undone at the next start. */
async function drained(node: CouncilNode, log: Log): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const bound = new Promise<'late'>((resolve) => {
    late = setTimeout(() => resolve('late'), DRAIN_WITHIN_MS);
  });
  const ended = await Promise.race([node.close().then(() => 'drained'), bound]);
  clearTimeout(late);
  if (ended === 'late') log.warn({ withinMs: DRAIN_WITHIN_MS }, 'left before all was published');
}
