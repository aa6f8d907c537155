// What is deployed, checked as far as it can be without Docker and Prometheus: the compose file against the part of its
// schema that it uses, the image against what it must not hold, the alerts against the metrics there are and the
// chapters that tell what to do.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { quorumOf } from '../src/consensus/quorum.ts';
import { metricsOf } from '../src/node/metrics/metrics.ts';
import { seatsOverNodes } from '../src/node/running/founding.ts';
import { allSeats } from '../src/signing/seat-id.ts';
import { problemsIn } from './rigs/promql.ts';
import { saying } from './rigs/saying-node.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

/** What we use of the Compose Specification; anything else is a slip of the pen. */
const word = z.string().min(1);
const service = z.strictObject({
  image: word,
  build: z.exactOptional(word),
  user: word,
  init: z.exactOptional(z.boolean()),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  stop_grace_period: z.exactOptional(z.string().regex(/^\d+s$/)),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  pids_limit: z.int().min(1),
  mem_limit: z.string().regex(/^\d+[mg]$/),
  command: z.array(word),
  healthcheck: z.exactOptional(
    z.strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], word),
      interval: word,
      timeout: word,
      retries: z.int().min(1),
      start_period: z.exactOptional(word),
    }),
  ),
  tmpfs: z.exactOptional(z.array(word)),
  networks: z.array(word),
  secrets: z.exactOptional(z.array(word)),
  ports: z.exactOptional(z.array(word)),
  volumes: z.array(word),
  depends_on: z.exactOptional(
    z.record(word, z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) })),
  ),
  logging: z.strictObject({ driver: word, options: z.record(word, word) }),
});
const composeFile = z.strictObject({
  name: word,
  'x-node': z.unknown(),
  services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), service),
  networks: z.record(word, z.strictObject({ internal: z.exactOptional(z.boolean()) })),
  volumes: z.record(word, z.strictObject({})),
  secrets: z.record(word, z.strictObject({ file: word })),
});

describe('docker-compose.yml', () => {
  const compose = composeFile.parse(parse(read('docker-compose.yml'), { merge: true }));
  const services = Object.entries(compose.services);
  const nodes = services.filter(([name]) => name.startsWith('node-'));

  it('names no network, volume, secret or service that is not there', () => {
    for (const [, { networks, volumes, secrets = [], depends_on = {} }] of services) {
      for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const other of Object.keys(depends_on)) expect(Object.keys(compose.services)).toContain(other);
      for (const volume of volumes) {
        const [from = ''] = volume.split(':');
        if (!from.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(from);
      }
    }
  });

  it('its nodes hold the seats that init gives them, and none more than the council survives', () => {
    const { n, f } = quorumOf(33);
    const shares = seatsOverNodes(allSeats(n), nodes.length);
    expect(nodes.map(([name]) => name)).toEqual(shares.map((_, i) => `node-${i + 1}`));
    nodes.forEach(([name, { command, volumes }], i) => {
      const share = shares[i] ?? [];
      expect(share.length).toBeLessThanOrEqual(f);
      expect(command[command.indexOf('--seats') + 1]).toBe(`${share[0]}-${share.at(-1)}`);
      expect(volumes).toEqual([`./council/nodes/${name}:/council`]);
    });
  });

  it('no two nodes share a directory or a port', () => {
    expect(new Set(nodes.flatMap(([, { volumes }]) => volumes)).size).toBe(nodes.length);
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('nothing is reached from outside this host, and Redis from nowhere but the nodes', () => {
    for (const [, { ports = [] }] of services) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    const redis = compose.services.redis;
    expect(redis?.ports).toBeUndefined();
    expect(redis?.networks).toEqual(['council']);
    expect(compose.networks.council?.internal).toBe(true);
  });

  it('nobody runs as root, and no password is on a command line or in the environment', () => {
    for (const [name, { user, command, healthcheck }] of services) {
      expect(user, name).not.toMatch(/^(?:0|root)\b/);
      expect([...command, ...(healthcheck?.test ?? [])].join(' '), name).not.toMatch(
        /redis:\/\/[^/\s]*@|--requirepass|redis-cli -a /,
      );
    }
    for (const [, { command }] of nodes) {
      for (const flag of ['--redis-password-file', '--passphrase-file']) {
        expect(command[command.indexOf(flag) + 1]).toMatch(/^\/run\/secrets\//);
      }
    }
  });

  it('nodes wait for a Redis that is healthy, and every server is asked how it is', () => {
    for (const [, { depends_on = {} }] of nodes) expect(depends_on.redis?.condition).toBe('service_healthy');
    for (const [name, { healthcheck }] of services) {
      if (!name.startsWith('node-')) expect(healthcheck?.retries, name).toBeGreaterThan(0);
    }
    expect(read('Dockerfile')).toContain('HEALTHCHECK');
  });

  it('Redis evicts nothing and writes what it is told to a file', () => {
    const conf = read('deploy/redis.conf');
    expect(conf).toMatch(/^maxmemory-policy noeviction$/m);
    expect(conf).toMatch(/^appendonly yes$/m);
    expect(conf).not.toMatch(/^requirepass/m);
  });
});

describe('the image', () => {
  const lines = read('Dockerfile').split('\n');

  it('ends as a user without rights, installs what is locked, and runs no install scripts', () => {
    const last = lines.findLastIndex((line) => line.startsWith('FROM '));
    expect(lines.slice(last)).toContain('USER node');
    for (const line of lines.filter((one) => one.includes('npm ci')))
      expect(line).toContain('--ignore-scripts');
    expect(lines.some((line) => line.includes('npm ci') && line.includes('--omit=dev'))).toBe(true);
    expect(lines.some((line) => /npm (?:i|install)\b/.test(line))).toBe(false);
  });

  it('takes nothing that is not named, so no key, store or password can get in', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toContain('*');
    const named = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(
      named.some((path) => /secret(?!s\.sh)|council$|\.conclave|keys/.test(path) && path !== 'src'),
    ).toBe(false);
    const copied = lines.flatMap((line) => {
      const [, from] = /^COPY (?!--from)(?:--\S+ )?(.+) \S+$/.exec(line) ?? [];
      return from?.split(' ') ?? [];
    });
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) expect(named, path).toContain(path);
  });

  it('API keys that lie as files are given to the program and to nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'with-secrets-'));
    try {
      writeFileSync(join(folder, 'OPENAI_API_KEY'), 'sk-test\n');
      writeFileSync(join(folder, 'passphrase'), 'not to be exported');
      const script = read('deploy/with-secrets.sh').replaceAll('/run/secrets', folder);
      const ran = spawnSync('sh', ['-c', script, 'with-secrets', 'env'], { encoding: 'utf8' });
      expect(ran.status).toBe(0);
      expect(ran.stdout).toContain('OPENAI_API_KEY=sk-test\n');
      expect(ran.stdout).not.toContain('not to be exported');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const alertsFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: word,
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Conclave[A-Za-z]+$/),
          expr: word,
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: word, runbook: word }),
        }),
      ),
    }),
  ),
});

describe('the alerts', () => {
  const rules = alertsFile
    .parse(parse(read('deploy/prometheus/alerts.yml')))
    .groups.flatMap((group) => group.rules);
  const { series } = metricsOf({ node: saying().node, ofTheProcess: true });

  it.each(rules.map(({ alert, expr }) => [alert, expr]))('%s asks for metrics that a node has', (_, expr) => {
    expect(problemsIn(expr, series)).toEqual([]);
  });

  it('each has a name of its own, and a chapter that says what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const chapters = [...read('docs/operating.md').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      anchorOf(title),
    );
    for (const { alert, annotations } of rules) {
      const [file, anchor] = annotations.runbook.split('#');
      expect(file).toBe('docs/operating.md');
      expect(anchor).toBe(alert.toLowerCase());
      expect(chapters, alert).toContain(anchor);
    }
  });

  it('no chapter tells of an alert that is not there', () => {
    const told = [...read('docs/operating.md').matchAll(/^#+ (Conclave[A-Z]\w+)$/gm)].map(
      ([, title]) => title,
    );
    expect(told.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('what is wrong in an expression is found', () => {
    expect(problemsIn('sum(conclave_height', series)).toEqual(['1 brackets do not close']);
    expect(problemsIn('summ(conclave_height)', series)).toEqual(['no function summ']);
    expect(problemsIn('conclave_hight > 1', series)).toContain('no metric conclave_hight');
    expect(problemsIn('conclave_height{seat="1"} > 1', series)).toEqual([
      'conclave_height has no label seat',
    ]);
    expect(problemsIn('sum by (fault) (conclave_height)', series)).toEqual([
      'no metric of it has the label fault',
    ]);
    expect(problemsIn('up{job="x} == 0', series)).toContain('a string that does not close');
  });

  it('Prometheus scrapes each node of the compose file, under the name of the roster', () => {
    const { scrape_configs: jobs } = z
      .object({
        scrape_configs: z.array(
          z.object({
            static_configs: z.array(z.object({ targets: z.array(word), labels: z.object({ node: word }) })),
          }),
        ),
      })
      .parse(parse(read('deploy/prometheus/prometheus.yml')));
    const targets = jobs.flatMap(({ static_configs }) => static_configs);
    expect(targets.map(({ targets: at, labels }) => [at, labels.node])).toEqual(
      [1, 2, 3, 4, 5].map((i) => [[`node-${i}:7070`], `node-${i}`]),
    );
  });
});

/** As GitHub makes them. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
