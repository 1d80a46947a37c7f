import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { createRuntimeDirectory } from './leftovers.mjs';
import { newPrefix, ownNamespaces, removeNamespace, sweepNamespaces, whyNoNamespaces } from './namespaces.mjs';
import { type Listening, parseListening } from './sockets.js';

const execute = promisify(execFile);

/** Linux's `ip`. */
async function ip(...args: readonly string[]): Promise<string> {
  return (await execute('ip', [...args])).stdout;
}

export interface RunOptions {
  /** Added to the machine's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Pipes unless said otherwise; the test reads or resumes them. */
  readonly stdio?: 'pipe' | 'ignore' | 'inherit';
  readonly cwd?: string;
}

/** One "machine": a network namespace with addresses and a home directory of its own. */
export class TestMachine {
  readonly #hub: string;
  readonly #addresses = new Map<string, string>();
  readonly #number: number;
  /** The machine's home directory. */
  readonly home: string;
  /** What every process of the machine has in its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;

  constructor(
    readonly namespace: string,
    options: { readonly hub: string; readonly number: number; readonly directory: string },
  ) {
    this.#hub = options.hub;
    this.#number = options.number;
    this.home = path.join(options.directory, `m${options.number}`);
    const runtime = path.join(this.home, 'run');
    fs.mkdirSync(runtime, { recursive: true, mode: 0o700 });
    this.env = { ...process.env, HOME: this.home, SEEKPOD_RUNTIME_DIR: runtime, SEEKPOD_STATE_DIR: path.join(this.home, 'state') };
  }

  /** IPv4 address of the first interface. */
  get address(): string {
    return this.addressOf('eth0');
  }

  /** IPv4 addresses of all interfaces. */
  get addresses(): string[] {
    return [...this.#addresses.values()];
  }

  addressOf(networkInterface: string): string {
    const address = this.#addresses.get(networkInterface);
    if (address === undefined) throw new Error(`${this.namespace} has no interface ${networkInterface}`);
    return address;
  }

  /**
   * Plugs the machine into one of the hub's networks: interface `eth0` in network 0, `eth1` in network 1.
   * @returns the interface's name
   */
  async plugIn(network: number): Promise<string> {
    const name = `eth${network}`;
    const bridge = `br${network}`;
    const port = `p${network}m${this.#number}`;
    if (!(await ip('-n', this.#hub, '-o', 'link')).includes(` ${bridge}:`)) {
      // Without snooping the bridge passes every multicast on, as a plain switch does.
      await ip('-n', this.#hub, 'link', 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0');
      await ip('-n', this.#hub, 'link', 'set', bridge, 'up');
    }
    await ip('-n', this.#hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', this.namespace);
    await ip('-n', this.#hub, 'link', 'set', port, 'master', bridge, 'up');
    const address = `10.77.${network}.${this.#number}`;
    await ip('-n', this.namespace, 'addr', 'add', `${address}/24`, 'dev', name);
    this.#addresses.set(name, address);
    await this.linkUp(name);
    return name;
  }

  /** Cuts the machine off, as a pulled cable does. */
  async linkDown(networkInterface = 'eth0'): Promise<void> {
    await ip('-n', this.namespace, 'link', 'set', networkInterface, 'down');
  }

  async linkUp(networkInterface = 'eth0'): Promise<void> {
    await ip('-n', this.namespace, 'link', 'set', networkInterface, 'up');
    // The kernel drops the routes of an interface that goes down.
    await ip('-n', this.namespace, 'route', 'replace', '224.0.0.0/4', 'dev', networkInterface, 'metric', String(10 + Number(networkInterface.slice(3))));
  }

  /** `ip` inside the machine, for instance `ip('route', 'add', 'blackhole', '10.77.0.2')`. */
  ip(...args: readonly string[]): Promise<string> {
    return ip('-n', this.namespace, ...args);
  }

  /** The words before a command that run it inside the machine. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** Starts a process of the machine. Its process id is the command's own; it is killed with the network at the latest. */
  run(command: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.namespace, command, ...args], { env: { ...this.env, ...options.env }, stdio: options.stdio ?? 'pipe', cwd: options.cwd });
  }

  /** Runs a command of the machine to its end and answers what it wrote; fails when the command does. */
  async output(command: string, args: readonly string[], options: Pick<RunOptions, 'env'> = {}): Promise<string> {
    const { stdout } = await execute('ip', ['netns', 'exec', this.namespace, command, ...args], { env: { ...this.env, ...options.env }, maxBuffer: 64 * 1_024 * 1_024 });
    return stdout;
  }

  /** TCP and UDP sockets that listen in the machine. */
  async listening(): Promise<Listening[]> {
    return parseListening(await this.output('ss', ['-H', '-tulnp']));
  }
}

/** Several machines on one: network namespaces joined by bridges in a namespace of their own. Nothing leaves them. */
export class TestNetwork {
  private constructor(
    readonly machines: readonly TestMachine[],
    readonly directory: string,
    readonly prefix: string,
  ) {}

  /** `count` machines in one network, 10.77.0.1 and so on. Needs root on Linux. */
  static async create(count: number): Promise<TestNetwork> {
    const reason = whyNoNamespaces();
    if (reason !== null) throw new Error(`machines cannot be imitated: ${reason}`);
    sweepNamespaces();
    tidyUpAtExit();
    const prefix = newPrefix();
    const hub = `${prefix}-hub`;
    const directory = createRuntimeDirectory();
    const machines: TestMachine[] = [];
    const network = new TestNetwork(machines, directory, prefix);
    try {
      await ip('netns', 'add', hub);
      for (let number = 1; number <= count; number++) {
        const namespace = `${prefix}-${number}`;
        await ip('netns', 'add', namespace);
        // An IPv6 address is usable at once: nobody else can have it.
        await ip('netns', 'exec', namespace, 'sh', '-c', 'if [ -e /proc/sys/net/ipv6 ]; then echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; fi');
        await ip('-n', namespace, 'link', 'set', 'lo', 'up');
        const machine = new TestMachine(namespace, { hub, number, directory });
        machines.push(machine);
        await machine.plugIn(0);
      }
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  /** The machine with this number, from 1 on, as in its address. */
  machine(number: number): TestMachine {
    const machine = this.machines[number - 1];
    if (machine === undefined) throw new Error(`there is no machine ${number}`);
    return machine;
  }

  /** Ends every process of the machines and takes everything away. */
  dispose(): void {
    for (const name of ownNamespaces()) if (name.startsWith(`${this.prefix}-`)) removeNamespace(name);
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

let tidying = false;

/** Also when a suite is broken off or throws; only a killed test process leaves something, which the next one sweeps. */
function tidyUpAtExit(): void {
  if (tidying) return;
  tidying = true;
  process.once('exit', () => {
    for (const name of ownNamespaces()) removeNamespace(name);
  });
}
