// What must be true of a council after whatever it went through, told from what it published and from nothing its nodes
// say of themselves: ledgers that audit and are equal, every acknowledged case decided exactly once, every certificate
// valid from the genesis, and no approval of what must not pass.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../../src/council/records.ts';
import { type Audit, auditLedger } from '../../src/ledger/audit.ts';
import { CHECKPOINT_PATH } from '../../src/ledger/checkpoint.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { type RunningCouncil, type RunningNode, runCommand } from '../rigs/running-council.ts';
import type { Label, Submission } from './caseload.ts';

const LOOKS_EVERY_MS = 250;
const CERTIFICATE_ENDING = '.intoto.jsonl';

export interface Findings {
  readonly problems: readonly string[];
  readonly decisions: readonly Decision[];
  readonly blocks: number;
  readonly certificates: number;
}

/** What a node has published, as far as it can be read at this moment. */
interface Published {
  readonly checkpoint: string;
  readonly certificates: ReadonlySet<string>;
}

function publishedBy({ folder }: RunningNode): Published {
  const checkpoint = join(folder, 'ledger', CHECKPOINT_PATH);
  const certificates = join(folder, 'certificates');
  const names = existsSync(certificates) ? readdirSync(certificates) : [];
  return {
    // Its signature is the node's own: size and root are the lines before.
    checkpoint: existsSync(checkpoint)
      ? readFileSync(checkpoint, 'utf8').split('\n').slice(0, 3).join(' ')
      : '',
    certificates: new Set(
      names
        .filter((name) => name.endsWith(CERTIFICATE_ENDING))
        .map((name) => name.slice(0, -CERTIFICATE_ENDING.length)),
    ),
  };
}

/**
 * Waits until these nodes have published the same, with a certificate of every case that was acknowledged. What is still
 * lacking when the time is over, in words; undefined when nothing is.
 */
export async function settled(
  nodes: readonly RunningNode[],
  caseIds: readonly string[],
  withinMs: number,
): Promise<string | undefined> {
  const end = performance.now() + withinMs;
  for (;;) {
    const published = nodes.map(publishedBy);
    const apart = new Set(published.map(({ checkpoint }) => checkpoint)).size > 1;
    const numbers = new Set(published.map(({ certificates }) => certificates.size));
    const lacking = nodes.flatMap(({ name }, i) => {
      const missing = caseIds.filter((caseId) => published[i]?.certificates.has(caseId) !== true);
      return missing.length === 0 ? [] : [`${name} lacks ${missing.length} certificates (${missing[0]} …)`];
    });
    if (!apart && lacking.length === 0 && numbers.size === 1) return undefined;
    if (performance.now() > end) {
      const heads = nodes.map(({ name }, i) => `${name}: ${published[i]?.checkpoint.split(' ')[1]} entries`);
      const held = nodes.map(({ name }, i) => `${name} ${published[i]?.certificates.size}`);
      return `not settled within ${withinMs} ms. ${heads.join(', ')}. Certificates: ${held.join(', ')}. ${lacking.join('; ')}`;
    }
    await delay(LOOKS_EVERY_MS);
  }
}

/** After `settled`, and better with the nodes stopped: nothing moves while it is looked at. */
export async function inquire(
  council: RunningCouncil,
  nodes: readonly RunningNode[],
  submissions: readonly Submission[],
): Promise<Findings> {
  const problems: string[] = [];
  const audits = nodes.map((node) => ({ node, audit: auditOf(council, node, problems) }));
  const [first] = audits;
  for (const { node, audit } of audits) {
    if (!audit.clean)
      problems.push(
        `${node.name}'s ledger does not audit at height ${audit.problem?.height}: ${audit.problem?.detail}`,
      );
    if (audit.size !== first?.audit.size || audit.root !== first.audit.root)
      problems.push(`${node.name}'s ledger is ${audit.size} ${audit.root}, ${first?.node.name}'s is another`);
  }
  const decisions = first?.audit.decisions ?? [];
  requireDecidedOnce(decisions, submissions, problems);
  requireNoWrongApproval(decisions, submissions, problems);
  let certificates = 0;
  for (const node of nodes) certificates += await verifyAll(council, node, decisions, problems);
  await requireCommandsAgree(council, nodes, problems);
  return { problems, decisions, blocks: first?.audit.blocks ?? 0, certificates };
}

function auditOf({ founding }: RunningCouncil, { folder, name }: RunningNode, problems: string[]): Audit {
  const read = (path: string): Uint8Array | undefined => {
    const file = join(folder, 'ledger', path);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  try {
    return auditLedger(founding, read, { ed25519: fastestEd25519 });
  } catch (error) {
    problems.push(`${name} has no ledger to audit: ${String(error)}`);
    return { clean: true, blocks: 0, size: 0, root: founding.councilId, decisions: [], problem: undefined };
  }
}

function requireDecidedOnce(
  decisions: readonly Decision[],
  submissions: readonly Submission[],
  problems: string[],
): void {
  const times = new Map<string, number>();
  for (const { caseId } of decisions) times.set(caseId, (times.get(caseId) ?? 0) + 1);
  for (const [caseId, count] of times) if (count > 1) problems.push(`${caseId} was decided ${count} times`);
  for (const { caseId, subject } of submissions)
    if (caseId !== undefined && !times.has(caseId))
      problems.push(`${subject} (${caseId}) was acknowledged and is not decided`);
}

function requireNoWrongApproval(
  decisions: readonly Decision[],
  submissions: readonly Submission[],
  problems: string[],
): void {
  const labels = new Map<string, Label>(submissions.map(({ subject, expected }) => [subject, expected]));
  for (const { subject, caseId, outcome } of decisions) {
    const label = labels.get(subject);
    if (label === undefined) problems.push(`${subject} (${caseId}) was decided and never submitted`);
    if (label === 'reject' && outcome === 'approved')
      problems.push(`${subject} (${caseId}) must not pass and was approved`);
  }
}

/** Each against the genesis alone, and against what the ledger says was decided. */
async function verifyAll(
  { founding }: RunningCouncil,
  { folder, name }: RunningNode,
  decisions: readonly Decision[],
  problems: string[],
): Promise<number> {
  const backends = { ed25519: fastestEd25519, bls: await fastestBls() };
  let verified = 0;
  for (const { caseId, outcome } of decisions) {
    const file = join(folder, 'certificates', `${caseId}${CERTIFICATE_ENDING}`);
    if (!existsSync(file)) {
      problems.push(`${name} has no certificate of ${caseId}`);
      continue;
    }
    const told = verifyCertificate(
      {
        certificate: readFileSync(file),
        proof: readFileSync(file.replace(CERTIFICATE_ENDING, '.tlog-proof')),
        anchor: founding.councilId,
      },
      backends,
    );
    if (!told.valid) problems.push(`${name}'s certificate of ${caseId} is not valid: ${told.failed}`);
    else if (told.decision?.caseId !== caseId || told.decision.outcome !== outcome)
      problems.push(`${name}'s certificate of ${caseId} says something else than its ledger`);
    else verified++;
  }
  return verified;
}

/** The commands a stranger would use come to the same: an audit of each ledger, and a certificate of each node. */
async function requireCommandsAgree(
  { root, founding }: RunningCouncil,
  nodes: readonly RunningNode[],
  problems: string[],
): Promise<void> {
  for (const { name, folder } of nodes) {
    const audit = await runCommand(root, ['ledger', 'audit', folder]);
    if (audit.exit !== 0) problems.push(`conclave ledger audit of ${name}: ${JSON.stringify(audit.result)}`);
    const certificates = join(folder, 'certificates');
    const last = existsSync(certificates)
      ? readdirSync(certificates).findLast((file) => file.endsWith(CERTIFICATE_ENDING))
      : undefined;
    if (last === undefined) continue;
    const words = ['verify', join(certificates, last), '--genesis', founding.councilId];
    const verified = await runCommand(root, words);
    if (verified.exit !== 0)
      problems.push(`conclave verify of ${name}'s ${last}: ${JSON.stringify(verified.result)}`);
  }
}
