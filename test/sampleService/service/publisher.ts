// Publishes one version of a Secret after the other, for as long as it lives, for the test of readMountedSecret.
import { workerData } from "node:worker_threads";
import { publishSecret } from "../publishSecret";

for (let version = 1; ; version++)
  publishSecret(String(workerData), { username: `${version}`, password: `${version}` });
