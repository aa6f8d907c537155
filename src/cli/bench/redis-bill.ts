// What Redis servers have done by their own account: every client's commands and bytes, those of queues among them.
import { Redis } from 'ioredis';

export interface RedisBill {
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const FIELDS = {
  commands: 'total_commands_processed',
  bytesIn: 'total_net_input_bytes',
  bytesOut: 'total_net_output_bytes',
} as const;

/** Since the servers started, all of them together. */
async function billOf(servers: readonly string[]): Promise<RedisBill> {
  const told = await Promise.all(
    servers.map(async (url) => {
      const client = new Redis(url);
      try {
        return await client.info('stats');
      } finally {
        client.disconnect();
      }
    }),
  );
  const sum = (field: string): number =>
    told.reduce((all, text) => all + Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)?.[1] ?? 0), 0);
  return { commands: sum(FIELDS.commands), bytesIn: sum(FIELDS.bytesIn), bytesOut: sum(FIELDS.bytesOut) };
}

/** What an action costs the servers. */
export async function billed<T>(
  servers: readonly string[],
  action: () => Promise<T>,
): Promise<readonly [result: T, bill: RedisBill]> {
  const before = await billOf(servers);
  const result = await action();
  const after = await billOf(servers);
  return [
    result,
    {
      commands: after.commands - before.commands,
      bytesIn: after.bytesIn - before.bytesIn,
      bytesOut: after.bytesOut - before.bytesOut,
    },
  ];
}
