// Loaded into the driver's process by NODE_OPTIONS: writes everything that the engine sends to it into a file, events and
// output; when a verbosity is given, the engine logs as it does with `pulumi up --logtostderr --logflow --debug -v=N`.
import { appendFileSync } from "node:fs";
import { Stack } from "@pulumi/pulumi/automation";

const { SECRET_ROTATION_EVENT_LOG: file, SECRET_ROTATION_ENGINE_VERBOSITY: verbosity } = process.env;

if (file) {
  const keep = (text: string) => appendFileSync(file, `${text}\n`);
  const loud = verbosity && { logVerbosity: Number(verbosity), logFlow: true, logToStdErr: true, debug: true };
  const up = Stack.prototype.up;
  Stack.prototype.up = function tapped(options) {
    const onEvent: NonNullable<typeof options>["onEvent"] = (event) => {
      keep(JSON.stringify(event));
      options?.onEvent?.(event);
    };
    return up.call(this, { ...options, ...loud, onEvent, onOutput: keep, onError: keep });
  };
}
