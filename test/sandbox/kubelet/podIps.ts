const perSubnet = 254;

/**
 * Gives each pod a loopback address of its own: Linux takes all of 127.0.0.0/8 as local. Every kubelet takes another /24,
 * so that the pods of two sandboxes beside each other do not meet.
 */
export class PodIps {
  readonly #subnet: string;
  readonly #taken = new Set<string>();
  #last = 0;

  constructor(random: () => number = Math.random) {
    this.#subnet = `127.${1 + Math.floor(random() * 254)}.${Math.floor(random() * 256)}`;
  }

  /** @throws Error if the node is full */
  take(): string {
    for (let attempt = 0; attempt < perSubnet; attempt++) {
      this.#last = (this.#last % perSubnet) + 1;
      const ip = `${this.#subnet}.${this.#last}`;
      if (this.#taken.has(ip)) continue;
      this.#taken.add(ip);
      return ip;
    }
    throw new Error(`all ${perSubnet} addresses of the sandbox's node are taken by pods`);
  }

  release(ip: string): void {
    this.#taken.delete(ip);
  }
}
