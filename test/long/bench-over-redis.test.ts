// `conclave bench --redis` (issue 4, "Done means" 8): real node processes decide and order over a redis-server of its own.
import { expect, it } from 'vitest';
import { conclave, resultOf } from '../cli/conclave.ts';

it('every figure of a council of processes stands with its workload, its count and its unit', async () => {
  const words = ['bench', '--redis', '--quick', '--json'];
  const run = await conclave(words, { timeoutMs: 280_000 });
  // 1 says that a goal was missed, which on a small machine is no fault.
  expect([0, 1], run.stderr).toContain(run.exit);
  const { figures } = resultOf(run);
  const listed: readonly Record<string, unknown>[] = Array.isArray(figures) ? figures : [];
  for (const figure of listed) {
    expect(figure).toMatchObject({ workload: expect.any(String), unit: expect.any(String) });
    expect(figure.value, String(figure.name)).toBeGreaterThan(0);
    expect(figure.n, String(figure.name)).toBeGreaterThan(0);
  }
  const names = listed.map(({ name }) => name);
  for (const processes of [4, 10]) {
    expect(names).toContain(`decisions a second by ${processes} processes`);
    expect(names).toContain(`commitment to certificate by ${processes} processes, p50`);
    expect(names).toContain(`ordered entries a second, ${processes} processes`);
  }
});
