import * as secretsmanager from "@pulumi/aws/secretsmanager";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { effectiveMaxAgeDays } from "../policies/rules/maxAge";
import { namespacesOf } from "./config/rules";
import type { SecretDeclaration } from "./config/secretSchema";
import type { StackConfig } from "./config/stackConfig";
import { externalSecretObject } from "./kubernetesObjects";
import {
  externalSecretName,
  fullName,
  neverSynced,
  placeholder,
  projectName,
  tags,
  types,
  versionAnnotation,
} from "./names";
import type { Rotation } from "./rotation";
import { secretRotationArgs } from "./secretRotation";
import { tagsKept, tagsOfStamp } from "./stamp";

export interface ManagedSecretArgs {
  readonly declaration: SecretDeclaration;
  readonly config: StackConfig;
  /** The namespaces' SecretStores, by namespace. */
  readonly stores: ReadonlyMap<string, pulumi.Resource | undefined>;
  readonly rotation: Rotation;
  /** Whether the stack has a SecretVersion of it, so that leaving it out would be a deletion. */
  readonly versioned: boolean;
  /** Whether AWS's own rotation is declared, where the secret declares one. */
  readonly byAws: boolean;
  /** Whether nothing may delete or replace the Secret, as it has a value. */
  readonly kept: boolean;
}

/**
 * The hook before any creation of a version without a value, whatever leads the engine to it: a refresh that did not find
 * the recorded version, a replaced Secret, `--replace`, a restored state.
 */
function neverCreated(name: string): () => never {
  const cure = `npm run rotate -- ${name} --stack ${pulumi.getStack()}`;
  return () => {
    throw new Error(
      `${name}: this update would make a version without a value: only a rotation writes one. Rotate it: ${cure}`,
    );
  };
}

/** Where an ExternalSecret names the version. */
function versionsIn({ externalSecret }: SecretDeclaration): string[] {
  const annotation = `annotations["${versionAnnotation}"]`;
  const own = `metadata.${annotation}`;
  return externalSecret?.type === undefined ? [own] : [own, `spec.target.template.metadata.${annotation}`];
}

/** One secret from Secrets Manager to Kubernetes: Secret, SecretVersion, and an ExternalSecret in each namespace. */
export class ManagedSecret extends pulumi.ComponentResource {
  readonly secret: secretsmanager.Secret;
  /** None before the first rotation: only the driver writes values. */
  readonly version: secretsmanager.SecretVersion | undefined;
  /** By namespace. */
  readonly externalSecrets: ReadonlyMap<string, CustomResource>;

  constructor(args: ManagedSecretArgs) {
    const { name } = args.declaration;
    super(types.managedSecret, name, {});
    this.secret = this.createSecret(args);
    this.version = this.createVersion(args);
    if (args.byAws && args.declaration.native) {
      new secretsmanager.SecretRotation(name, secretRotationArgs(this.secret.id, args.declaration.native), {
        parent: this,
      });
    }
    this.externalSecrets = new Map(
      namespacesOf(args.declaration).map((ns) => [ns, this.createExternalSecret(ns, args)]),
    );
    this.registerOutputs({});
  }

  private createSecret({
    declaration,
    config: { environment, rotators },
    rotation,
    kept: protect,
  }: ManagedSecretArgs): secretsmanager.Secret {
    const runbook = rotators.get(declaration.kind)?.runbook?.(declaration);
    const settled = rotation.settled.get(declaration.name);
    return new secretsmanager.Secret(
      declaration.name,
      {
        name: fullName(environment, declaration.name),
        ...(declaration.description === undefined ? {} : { description: declaration.description }),
        ...(declaration.kmsKeyId === undefined ? {} : { kmsKeyId: declaration.kmsKeyId }),
        ...(declaration.native?.external && { type: declaration.native.external.type }),
        recoveryWindowInDays: declaration.recoveryWindowDays,
        tags: {
          [tags.managedBy]: projectName,
          [tags.environment]: environment,
          [tags.kind]: declaration.kind,
          [tags.strategy]: declaration.strategy,
          [tags.maxAgeDays]: String(effectiveMaxAgeDays(declaration, environment)),
          [tags.createdAt]: rotation.now,
          ...(runbook !== undefined && { [tags.runbook]: runbook }),
          ...(settled && tagsOfStamp(settled)),
        },
      },
      { parent: this, protect, ignoreChanges: tagsKept(settled).map((tag) => `tags["${tag}"]`) },
    );
  }

  private createVersion({ declaration, rotation, versioned }: ManagedSecretArgs) {
    const rotating = rotation.rotating.get(declaration.name);
    if (!versioned) return undefined;
    const value = rotating?.value;
    return new secretsmanager.SecretVersion(
      declaration.name,
      {
        secretId: this.secret.id,
        secretStringWo: value === undefined ? placeholder : pulumi.secret(value),
        secretStringWoVersion: rotating?.version ?? 0,
        versionStages: ["AWSPENDING", ...(rotating?.stages ?? [])],
      },
      {
        parent: this,
        // A replaced version keeps its label AWSPREVIOUS: deleting it would take the way back.
        retainOnDelete: true,
        ...(value === undefined
          ? {
              ignoreChanges: ["secretStringWoVersion", "versionStages"],
              hooks: { beforeCreate: [neverCreated(declaration.name)] },
            }
          : { hooks: { beforeCreate: [() => rotation.write(declaration.name)] } }),
      },
    );
  }

  private createExternalSecret(namespace: string, { declaration, config, stores, rotation }: ManagedSecretArgs) {
    const rotating = rotation.rotating.get(declaration.name);
    const version = rotating?.adopted ?? this.version?.versionId;
    const prove = (hook: pulumi.ResourceHookArgs) => rotation.prove(declaration.name, hook);
    return new CustomResource(
      externalSecretName(namespace, declaration.name),
      externalSecretObject(namespace, declaration, config, (rotating && version) || neverSynced),
      {
        parent: this,
        dependsOn: [this.version, stores.get(namespace)].filter((r) => r !== undefined),
        ...(rotating
          ? { hooks: { beforeCreate: [prove], beforeUpdate: [prove] } }
          : { ignoreChanges: versionsIn(declaration) }),
      },
    );
  }
}
