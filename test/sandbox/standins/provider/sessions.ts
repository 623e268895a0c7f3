import type { ServerUnaryCall } from "@grpc/grpc-js";

/** A call from an engine, as far as this needs it. */
export type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, "getPeer" | "once" | "removeListener">;

/**
 * The engines that are connected, told apart by their connections. A provider that is attached outlives them: each engine
 * configures it for itself, and cancels only what it asked for itself.
 */
export class Sessions<Config> {
  private readonly configs = new Map<string, Config>();
  private readonly running = new Map<string, Set<AbortController>>();
  private last: Config | undefined;

  configure(call: AnyCall, config: Config): void {
    this.configs.delete(call.getPeer()); // ports come again: the newest entry stands last
    this.configs.set(call.getPeer(), config);
    this.last = config;
    const oldest = this.configs.keys().next().value;
    if (this.configs.size > maxConfigs && oldest !== undefined) this.configs.delete(oldest);
  }

  /** @throws Error if no engine has configured the provider yet. */
  config(call: AnyCall): Config {
    // A connection that was idle for long comes back with another port.
    const config = this.configs.get(call.getPeer()) ?? this.last;
    if (config === undefined) throw new Error("the provider was not configured before it was used");
    return config;
  }

  /** Runs an operation with a signal that ends it when its engine cancels, or has gone. */
  async run<T>(call: AnyCall, operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error("the operation was cancelled"));
    const controllers = this.running.get(call.getPeer()) ?? new Set();
    this.running.set(call.getPeer(), controllers.add(controller));
    call.once("cancelled", abort);
    try {
      return await operation(controller.signal);
    } finally {
      call.removeListener("cancelled", abort);
      controllers.delete(controller);
      if (controllers.size === 0) this.running.delete(call.getPeer());
    }
  }

  cancel(call: AnyCall): void {
    for (const controller of this.running.get(call.getPeer()) ?? []) {
      controller.abort(new Error("the operation was cancelled"));
    }
  }
}

const maxConfigs = 256;
