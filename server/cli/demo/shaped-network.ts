import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why no shaped network can be made here; the message is for whoever asked for one. */
export class CannotShape extends Error {
  override readonly name = 'CannotShape';
}

const TOOLS = ['unshare', 'nsenter', 'ip', 'tc'];
/** tbf: tokens that wait for a burst, and how long a packet may wait in the queue. */
const BURST = '16kb';
const QUEUE = '100ms';
const READY_MS_MAX = 5_000;

/**
 * A network of its own for one browser, behind a link whose rate can be set: a namespace without a name
 * that a child process holds open. When this process ends, however it ends, the child's input closes, the
 * child ends, and the kernel takes namespace and link away: nothing is left behind.
 */
export class ShapedNetwork {
  /** Our end of the link: where what is inside reaches us. */
  readonly hostAddress: string;
  /** The far end. */
  readonly address: string;
  readonly #holder: ChildProcess;
  readonly #folder: string;

  private constructor(holder: ChildProcess, folder: string, hostAddress: string, address: string) {
    this.#holder = holder;
    this.#folder = folder;
    this.hostAddress = hostAddress;
    this.address = address;
  }

  /** @throws CannotShape when this is not root on Linux with the tools at hand */
  static async open(): Promise<ShapedNetwork> {
    if (os.platform() !== 'linux' || process.getuid?.() !== 0)
      throw new CannotShape('A limited uplink needs network namespaces: run this as root on Linux.');
    for (const tool of TOOLS) {
      const isThere = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => fs.existsSync(`${folder}/${tool}`));
      if (!isThere) throw new CannotShape(`A limited uplink needs ${tool} (Debian: iproute2 and util-linux).`);
    }
    const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-net-'));
    // 10.201–10.209: hardly anybody's; the pid keeps two of us apart.
    const third = (holder.pid ?? 0) % 256;
    const second = 201 + (((holder.pid ?? 0) >> 8) % 9);
    const network = new ShapedNetwork(holder, folder, `10.${second}.${third}.1`, `10.${second}.${third}.2`);
    try {
      await network.#join();
    } catch (error) {
      network.close();
      throw new CannotShape(`The network namespace could not be made: ${(error as Error).message}`);
    }
    return network;
  }

  /** @param mbps what leaves the namespace a second at most; null: as fast as it goes */
  async shape(mbps: number | null): Promise<void> {
    await this.#inside('tc', 'qdisc', 'del', 'dev', 'up0', 'root').catch(() => {});
    if (mbps === null) return;
    const tbf = ['tbf', 'rate', `${Math.round(mbps * 1_000)}kbit`, 'burst', BURST, 'latency', QUEUE];
    await this.#inside('tc', 'qdisc', 'add', 'dev', 'up0', 'root', ...tbf);
  }

  /** A program that runs `program` inside, to be started in its place. */
  wrap(program: string): string {
    const script = path.join(this.#folder, path.basename(program));
    fs.writeFileSync(script, `#!/bin/sh\nexec nsenter --net=/proc/${this.#holder.pid}/ns/net '${program}' "$@"\n`, {
      mode: 0o755,
    });
    return script;
  }

  /** Runs a command inside. */
  async #inside(...command: string[]): Promise<void> {
    await run('nsenter', [`--net=/proc/${this.#holder.pid}/ns/net`, ...command]);
  }

  close(): void {
    this.#holder.stdin?.end();
    this.#holder.kill('SIGKILL');
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async closed(): Promise<void> {
    this.close();
    if (this.#holder.exitCode === null && this.#holder.signalCode === null) await once(this.#holder, 'exit');
  }

  async #join(): Promise<void> {
    const pid = String(this.#holder.pid);
    await this.#isSeparate(pid);
    const outside = `parl${pid}`;
    await run('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'up0', 'netns', pid]);
    await run('ip', ['addr', 'add', `${this.hostAddress}/30`, 'dev', outside]);
    await run('ip', ['link', 'set', outside, 'up']);
    await this.#inside('ip', 'addr', 'add', `${this.address}/30`, 'dev', 'up0');
    await this.#inside('ip', 'link', 'set', 'lo', 'up');
    await this.#inside('ip', 'link', 'set', 'up0', 'up');
    await this.#inside('ip', 'route', 'add', 'default', 'via', this.hostAddress);
    // Nothing that the browser does by itself may stand in the queue with what is measured.
    await this.#inside('tc', 'qdisc', 'replace', 'dev', 'up0', 'root', 'pfifo').catch(() => {});
  }

  async #isSeparate(pid: string): Promise<void> {
    const ours = fs.readlinkSync('/proc/self/ns/net');
    const giveUpAtMs = performance.now() + READY_MS_MAX;
    while (fs.readlinkSync(`/proc/${pid}/ns/net`) === ours) {
      if (performance.now() > giveUpAtMs) throw new Error('unshare did not make one');
      await sleep(10);
    }
  }
}
