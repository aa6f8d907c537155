// Dossiers between nodes, and clients that believe none of them (protocol 4.1, 8.3, 8.4).
import { afterEach, describe, expect, it } from 'vitest';
import { approve, until } from '../rigs/instant-council.ts';
import { NetworkedCouncil, type NetworkedOptions } from '../rigs/networked-council.ts';

let council: NetworkedCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

async function running(options: Partial<NetworkedOptions> = {}): Promise<NetworkedCouncil> {
  council = new NetworkedCouncil({ nodes: [1, 1, 1, 1], judge: approve, ...options });
  await council.startAll();
  return council;
}

const SECRET = 'THE-APPLICANT-KEEPS-THIS-TO-HERSELF';
const source = (subject: string) => ({
  type: 'certification' as const,
  subject,
  title: `About ${SECRET}`,
  fields: { system: 'S', version: '1', applicant: 'A', purpose: SECRET, deployment: 'D', level: 'basic' },
  evidence: [{ id: 'report', title: 'Report', text: `${SECRET} `.repeat(30) }],
});

describe('a submission', () => {
  it('is acknowledged by a proof, judged everywhere, and its words never cross in plain text', async () => {
    const all = await running();
    const crossed: Uint8Array[] = [];
    all.tap = (_from, _to, bytes) => {
      crossed.push(bytes);
      return bytes;
    };
    const submission = await all.submit(source('alpha'));
    expect(submission).toMatchObject({ acknowledged: true, attempt: 1, resumed: false });
    const client = all.client();
    await until(() =>
      all.up.every((node) => node.state.decided.has(submission.caseId) && node.uncertified.length === 0),
    );
    const certified = await client.certificate(submission.caseId);
    expect(certified?.verification.decision).toMatchObject({ outcome: 'approved', tally: { approve: 4 } });
    expect(crossed.length).toBeGreaterThan(50);
    for (const bytes of crossed) expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
  });
});
