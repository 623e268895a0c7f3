import { asMap, containsUnknown, isMap, type PropertyMap, revealMap } from "../provider/propertyValues";
import {
  type CreateCall,
  type DeleteCall,
  PartialError,
  type ReadCall,
  type ResourceCall,
  type ResourceType,
  type UpdateCall,
} from "../provider/provider";
import { ApiError } from "./api";
import { createObject, deleteObject, relinquish, updateObject } from "./apply";
import { NotReadyError, rolloutNow, skipsAwait, timeoutOf, untilDeleted, untilRolledOut } from "./awaiting";
import { check, normalize, randomDigits } from "./check";
import { checkpointOf, markSecrets, parseCheckpoint } from "./checkpoint";
import { getLive, isNotFound } from "./cluster";
import type { KubernetesConfig } from "./config";
import { diffObject, prune } from "./objectDiff";
import { annotationOf, idOf, type KubernetesObject, parseId, parseType, withValueAt } from "./objects";

/** Every kind of object, built-in or custom, and every patch of one. */
export const objectType: ResourceType<KubernetesConfig> = {
  check,
  diff: diffObject,
  previewCreate: ({ inputs }) => inputs,
  previewUpdate: ({ oldOutputs, inputs }) => (containsUnknown(inputs) ? inputs : merge(liveOf(oldOutputs), inputs)),
  create,
  read,
  update,
  delete: remove,
};

async function create(call: CreateCall<KubernetesConfig>) {
  const inputs = objectOf(call, call.inputs);
  const { isPatch } = parseType(call.type, inputs);
  const fieldManager = fieldManagerOf(inputs) ?? `pulumi-kubernetes-${randomDigits()}`;
  const applied = await createObject({ ...call, inputs, isPatch, fieldManager }).catch((error: unknown) => {
    throw new Error(`resource "${call.urn}" was not successfully created by the Kubernetes API server: ${text(error)}`);
  });
  const outputsOf = (live: KubernetesObject) =>
    checkpointOf(call.inputs, inputs, live, { ...notes(live), fieldManager });
  const live = await untilReady(call, inputs, applied).catch((error: unknown) => {
    const what = `resource "${call.urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live`;
    throw partial(what, error, idOf(applied), outputsOf(applied));
  });
  return { id: idOf(live), outputs: outputsOf(live) };
}

async function update(call: UpdateCall<KubernetesConfig>): Promise<PropertyMap> {
  const old = parseCheckpoint(call.oldOutputs);
  const inputs = objectOf(call, normalize(revealMap(call.inputs)));
  const { isPatch } = parseType(call.type, inputs);
  const fieldManager = fieldManagerOf(inputs) ?? old.fieldManager ?? `pulumi-kubernetes-${randomDigits()}`;
  const outputsOf = (live: KubernetesObject) =>
    checkpointOf(call.inputs, inputs, live, { initialApiVersion: old.initialApiVersion, fieldManager });
  try {
    const applied = await updateObject({ ...call, inputs, isPatch, fieldManager });
    const live = await untilReady(call, inputs, applied);
    const oldManager = fieldManagerOf(old.inputs) ?? old.fieldManager;
    if (oldManager !== undefined && oldManager !== fieldManager) {
      await relinquish(call.config.api, live, oldManager, call.signal);
    }
    return outputsOf(live);
  } catch (error) {
    const live = await getLive(call.config.api, inputs, AbortSignal.timeout(10_000)).catch(() => undefined);
    if (!live) throw new Error(`update of resource "${call.urn}" failed: ${text(error)}`);
    const what = `the Kubernetes API server reported that "${idOf(live)}" failed to fully initialize or become live`;
    throw partial(what, error, idOf(live), outputsOf(live));
  }
}

async function read(call: ReadCall<KubernetesConfig>) {
  const old = parseCheckpoint(call.oldOutputs);
  const isImport = Object.keys(call.oldInputs).length === 0 && Object.keys(old.live).length === 0;
  const given = isImport ? identityOf(call) : normalize(revealMap(call.oldInputs));
  const object = objectOf(call, given);
  const live = await getLive(call.config.api, object, call.signal).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!live) return undefined;
  const inputs = isImport ? importedInputs(live) : prune(live, object);
  const fieldManager = fieldManagerOf(object) ?? old.fieldManager ?? `pulumi-kubernetes-${randomDigits()}`;
  const initialApiVersion = old.initialApiVersion ?? live.apiVersion;
  const result = {
    id: call.id,
    outputs: checkpointOf(call.oldInputs, inputs, live, { initialApiVersion, fieldManager }),
    inputs: markSecrets(inputs, call.oldInputs),
  };
  const rollout = isImport || skipsAwait(object) ? undefined : await rolloutNow(call.config.api, live, call.signal);
  if (rollout === undefined || rollout.done) return result;
  const what = `Resource '${parseId(call.id).name}' was created but failed to initialize`;
  throw new PartialError(
    [what, ...rollout.reasons].join("\n"),
    call.id,
    result.outputs,
    [what, ...rollout.reasons],
    result.inputs,
  );
}

async function remove(call: DeleteCall<KubernetesConfig>): Promise<void> {
  const old = parseCheckpoint(call.oldOutputs);
  const object = objectOf(call, { ...old.live });
  const { isPatch } = parseType(call.type, object);
  const { api } = call.config;
  try {
    if (isPatch) {
      const fieldManager = fieldManagerOf(old.inputs) ?? old.fieldManager;
      if (fieldManager !== undefined) await relinquish(api, object, fieldManager, call.signal);
      return;
    }
    await deleteObject(api, object, old.inputs, call.signal);
    if (skipsAwait(old.inputs)) return;
    const timeoutSeconds = timeoutOf(old.inputs, call.timeoutSeconds);
    await untilDeleted(api, object, { timeoutSeconds, signal: call.signal });
  } catch (error) {
    if (isNotFound(error)) return;
    if (error instanceof NotReadyError) throw partial(error.message, error, call.id, call.oldOutputs);
    if (!isPatch || !(error instanceof ApiError) || !error.message.includes("Required value")) throw error;
    throw new Error(
      "this Patch resource is currently managing a required field, so it can't be deleted directly. Either set the " +
        `\`retainOnDelete\` resource option, or transfer ownership of the field before deleting: ${error.message}`,
    );
  }
}

async function untilReady(call: CreateCall<KubernetesConfig>, inputs: PropertyMap, applied: KubernetesObject) {
  if (skipsAwait(inputs)) return applied;
  if (annotationOf(inputs, "pulumi.com/waitFor") !== undefined) {
    throw new Error("the sandbox's kubernetes provider stand-in does not implement the annotation pulumi.com/waitFor");
  }
  const timeoutSeconds = timeoutOf(inputs, call.timeoutSeconds);
  return untilRolledOut(call.config.api, applied, { timeoutSeconds, signal: call.signal });
}

function partial(what: string, error: unknown, id: string, outputs: PropertyMap): PartialError {
  const reasons = [text(error), ...(error instanceof NotReadyError ? error.reasons : [])];
  return new PartialError(`${what}: ${reasons.join("\n")}`, id, outputs, reasons);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The inputs as an object, its kind taken from the type where it is not said. */
function objectOf({ type }: ResourceCall<KubernetesConfig>, inputs: PropertyMap): KubernetesObject {
  const { apiVersion, kind } = parseType(type, inputs);
  return { ...revealMap(inputs), apiVersion, kind };
}

function identityOf({ id }: ReadCall<KubernetesConfig>): PropertyMap {
  const { name, namespace } = parseId(id);
  return { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** An import knows no inputs: all that a program could have said. */
function importedInputs(live: KubernetesObject): PropertyMap {
  const { status: _, ...rest } = normalize(live);
  const annotations = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];
  return annotations.reduce(
    (object, name) =>
      annotationOf(object, name) === undefined
        ? object
        : withValueAt(object, ["metadata", "annotations", name], undefined),
    rest,
  );
}

function fieldManagerOf(inputs: PropertyMap): string | undefined {
  return annotationOf(inputs, "pulumi.com/patchFieldManager");
}

function notes(live: KubernetesObject) {
  return { initialApiVersion: live.apiVersion };
}

function liveOf(outputs: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => !key.startsWith("__")));
}

function merge(live: PropertyMap, inputs: PropertyMap): PropertyMap {
  const result = { ...live };
  for (const [key, value] of Object.entries(inputs)) {
    const old = result[key];
    result[key] = isMap(old) && isMap(value) ? merge(asMap(old), value) : value;
  }
  return result;
}
