// Loaded into the driver's process by NODE_OPTIONS: writes every event that the engine sends to it into a file.
import { appendFileSync } from "node:fs";
import { Stack } from "@pulumi/pulumi/automation";

const file = process.env.SECRET_ROTATION_EVENT_LOG;

if (file) {
  const up = Stack.prototype.up;
  Stack.prototype.up = function tapped(options) {
    const onEvent: NonNullable<typeof options>["onEvent"] = (event) => {
      appendFileSync(file, `${JSON.stringify(event)}\n`);
      options?.onEvent?.(event);
    };
    return up.call(this, { ...options, onEvent });
  };
}
