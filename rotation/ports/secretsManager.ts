/** A secret in Secrets Manager without its values. */
export interface SecretDescription {
  readonly arn: string;
  readonly createdAt: Date | undefined;
  /** Undefined: AWS's own key for Secrets Manager. */
  readonly kmsKeyId?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** When AWS is to delete it; undefined: it is not. Until then it can be restored, and neither be read nor written. */
  readonly deletedAt: Date | undefined;
  /** Staging labels by version id. */
  readonly stages: Readonly<Record<string, readonly string[]>>;
  /** When anything of it was changed last, a staging label say; undefined: never. */
  readonly changedAt?: Date | undefined;
  /** How AWS rotates it itself; undefined: nobody has ever set that. */
  readonly rotation?: AwsRotation | undefined;
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export interface AwsRotation {
  readonly enabled: boolean;
  /** Undefined: a managed external secret, or one that another service of AWS rotates. */
  readonly lambdaArn: string | undefined;
  readonly lastRotatedAt: Date | undefined;
  /** The latest moment of the next rotation. One that has failed leaves it in the past. Undefined: it is not enabled. */
  readonly nextRotationAt: Date | undefined;
}

export interface ListedSecret {
  readonly name: string;
  readonly createdAt: Date | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the driver needs of Secrets Manager. Writing values is Pulumi's; the driver reads, moves AWSCURRENT, and stamps. */
export interface SecretsManager {
  /** Undefined: there is no such secret. */
  describe(secret: string): Promise<SecretDescription | undefined>;
  /** Every secret whose name starts with this, page after page; its versions are left out. */
  list(prefix: string): Promise<readonly ListedSecret[]>;
  /** The value of one version; undefined: there is no such version. */
  value(secret: string, versionId: string): Promise<string | undefined>;
  /** When a version was written; undefined: there is no such version. */
  createdAt(secret: string, versionId: string): Promise<Date | undefined>;
  /** Moves AWSCURRENT as a compare-and-swap: fails, and changes nothing, when `from` does not hold it. */
  moveCurrent(secret: string, move: { from: string | undefined; to: string }): Promise<void>;
  /** Turns AWS's own rotation off. */
  cancelRotation(secret: string): Promise<void>;
  /** Resolves when the engine may write one more value: AWS takes only so many a second. */
  turnToWrite(): Promise<void>;
  /** Sets these tags; others stay. */
  tag(secret: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

/** The text of a secret's AWSCURRENT, and whether there is such a secret at all. */
export async function currentValue(
  secretsManager: Pick<SecretsManager, "describe" | "value">,
  name: string,
): Promise<{ readonly isThere: boolean; readonly value: string | undefined }> {
  const found = await secretsManager.describe(name);
  const versionId = found && versionWith("AWSCURRENT", found);
  return { isThere: found !== undefined, value: versionId && (await secretsManager.value(name, versionId)) };
}

/** The version that carries a staging label. */
export function versionWith(stage: string, { stages }: Pick<SecretDescription, "stages">): string | undefined {
  return Object.keys(stages).find((versionId) => stages[versionId]?.includes(stage));
}
