// Carries a schedule of faults out on a running council, and starts again what died of them, as whoever runs a node
// would have a supervisor do. Who died without being killed is remembered: only a full disk excuses it.
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningCouncil, RunningNode } from '../rigs/running-council.ts';
import type { Weather } from '../rigs/tcp-proxy.ts';
import { type Fault, faultText } from './schedule.ts';

/** Before it is started again, like a supervisor's back-off. */
const RESTART_AFTER_MS = 800;
const LOOKS_EVERY_MS = 100;
/** How long after a disk had room again a node may still find out that something was not written. */
const DISK_ECHO_MS = 5_000;
const DRAIN_WITHIN_MS = 15_000;

export interface Death {
  readonly node: string;
  readonly atMs: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly diskWasFull: boolean;
}

export class Storm {
  readonly deaths: Death[] = [];
  readonly #council: RunningCouncil;
  readonly #log: (text: string) => void;
  readonly #beganMs = performance.now();
  /** nodes that are meant to be down, and by how many faults */
  readonly #held = new Map<RunningNode, number>();
  readonly #diskFullUntilMs = new Map<RunningNode, number>();
  readonly #restartAtMs = new Map<RunningNode, number>();
  readonly #endingsSeen = new Map<RunningNode, number>();
  /** what is done to one Redis is done one after the other */
  readonly #redisQueue = new Map<number, Promise<void>>();
  #supervising: NodeJS.Timeout | undefined;

  constructor(council: RunningCouncil, log: (text: string) => void) {
    this.#council = council;
    this.#log = log;
    this.#supervising = setInterval(() => this.#supervise(), LOOKS_EVERY_MS);
  }

  get nowMs(): number {
    return performance.now() - this.#beganMs;
  }

  /** Resolves when the last fault is over. */
  async rage(schedule: readonly Fault[]): Promise<void> {
    const fromMs = this.nowMs;
    const raging: Promise<void>[] = [];
    for (const fault of schedule) {
      const waitMs = fromMs + fault.atMs - this.nowMs;
      if (waitMs > 0) await delay(waitMs);
      this.#log(`${(this.nowMs / 1_000).toFixed(1).padStart(6)} s  ${faultText(fault)}`);
      raging.push(this.#befall(fault));
    }
    await Promise.all(raging);
  }

  /** Fair weather, right clocks, room on every disk, and every node that should be up is. */
  async calm(nodes: readonly RunningNode[]): Promise<void> {
    for (const node of this.#council.nodes) {
      for (const wire of node.wires) wire.become({ kind: 'fair' });
      node.setClock(0);
      node.disk?.relieve();
      node.process.thaw();
    }
    for (const node of nodes) this.#held.delete(node);
    for (const node of nodes) if (!node.process.isUp) node.process.start();
  }

  /** Nobody starts it again. */
  hold(node: RunningNode): void {
    this.#held.set(node, (this.#held.get(node) ?? 0) + 1);
  }

  release(node: RunningNode): void {
    this.#held.set(node, Math.max(0, (this.#held.get(node) ?? 0) - 1));
  }

  end(): void {
    clearInterval(this.#supervising);
    this.#supervising = undefined;
  }

  async #befall(fault: Fault): Promise<void> {
    const { kind, forMs, amount, target } = fault;
    switch (kind) {
      case 'kill-node':
      case 'drain-node':
        return this.#takeDown(this.#council.node(target), kind === 'drain-node', forMs);
      case 'freeze-node': {
        const { process: frozen } = this.#council.node(target);
        frozen.freeze();
        await delay(forMs);
        frozen.thaw();
        return;
      }
      case 'cut':
      case 'blackhole':
        return this.#weather(target, { kind }, forMs);
      case 'delay':
        return this.#weather(target, { kind, ms: amount }, forMs);
      case 'throttle':
        return this.#weather(target, { kind, bytesPerSecond: amount }, forMs);
      case 'resets':
        return this.#weather(target, { kind, withinBytes: amount }, forMs);
      case 'kill-redis':
      case 'empty-redis':
      case 'freeze-redis':
        return this.#inTurn(target, () => this.#harmRedis(kind, target, forMs));
      case 'full-disk':
        return this.#fillDisk(this.#council.node(target), amount, forMs);
      case 'clock-step': {
        const { setClock } = this.#council.node(target);
        setClock(amount);
        await delay(forMs);
        setClock(0);
        return;
      }
      default:
        return kind satisfies never;
    }
  }

  async #takeDown(node: RunningNode, gently: boolean, forMs: number): Promise<void> {
    this.hold(node);
    if (gently) {
      const ending = await node.process.drain(DRAIN_WITHIN_MS);
      if (ending !== undefined && (ending.code !== 0 || ending.signal !== null))
        this.#log(`${node.name} did not drain: ${ending.signal ?? ending.code}`);
    } else await node.process.kill();
    await delay(forMs);
    this.release(node);
    this.#restartAtMs.set(node, this.nowMs);
  }

  async #weather(target: number, weather: Weather, forMs: number): Promise<void> {
    const { wires } = this.#council.node(target);
    for (const wire of wires) wire.become(weather);
    await delay(forMs);
    // A later fault may have changed it meanwhile: then it is that one's to end.
    for (const wire of wires) if (wire.weather === weather) wire.become({ kind: 'fair' });
  }

  async #harmRedis(
    kind: 'kill-redis' | 'empty-redis' | 'freeze-redis',
    target: number,
    forMs: number,
  ): Promise<void> {
    const server = this.#council.redis[target];
    if (server === undefined) throw new Error(`there is no Redis ${target}`);
    if (kind === 'freeze-redis') {
      await server.kill('SIGSTOP');
      await delay(forMs);
      await server.kill('SIGCONT');
      return;
    }
    if (kind === 'empty-redis' && forMs === 0) return server.flush();
    await server.kill('SIGKILL');
    await delay(forMs);
    await server.restart();
    if (kind === 'empty-redis') await server.flush();
  }

  async #fillDisk(node: RunningNode, leaveBytes: number, forMs: number): Promise<void> {
    if (node.disk === undefined) return;
    this.#diskFullUntilMs.set(node, Number.POSITIVE_INFINITY);
    node.disk.fill(leaveBytes);
    await delay(forMs);
    node.disk.relieve();
    this.#diskFullUntilMs.set(node, this.nowMs + DISK_ECHO_MS);
  }

  #inTurn(target: number, act: () => Promise<void>): Promise<void> {
    const after = (this.#redisQueue.get(target) ?? Promise.resolve()).then(act);
    this.#redisQueue.set(target, after);
    return after;
  }

  #supervise(): void {
    for (const node of this.#council.nodes) {
      const { process: running } = node;
      const seen = this.#endingsSeen.get(node) ?? 0;
      for (const { code, signal, meant } of running.endings.slice(seen)) {
        if (meant) continue;
        const diskWasFull = this.nowMs < (this.#diskFullUntilMs.get(node) ?? 0);
        this.deaths.push({ node: node.name, atMs: Math.round(this.nowMs), code, signal, diskWasFull });
        this.#log(`${node.name} died: ${signal ?? code}${diskWasFull ? ' (its disk is full)' : ''}`);
        this.#restartAtMs.set(node, this.nowMs + RESTART_AFTER_MS);
      }
      this.#endingsSeen.set(node, running.endings.length);
      if (running.isUp || (this.#held.get(node) ?? 0) > 0) continue;
      if (this.nowMs >= (this.#restartAtMs.get(node) ?? 0)) running.start();
    }
  }
}
