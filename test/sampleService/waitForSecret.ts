import type { V1Container, V1VolumeMount } from "@kubernetes/client-node";

/**
 * An init container that ends when the file of a mounted Secret is there, so that the service starts with it.
 *
 * @param path  of the file in the container, e.g. `/etc/secrets/orders-db/password`
 */
export function waitForSecret(path: string, mount: V1VolumeMount): V1Container {
  return {
    name: "wait-for-secret",
    image: "busybox:1.37",
    workingDir: "/",
    command: ["sh", "-c", 'until [ -s "$0" ]; do sleep 1; done', `.${path}`],
    volumeMounts: [mount],
  };
}
