import {
  AuditError,
  BackupError,
  describeError,
  RotationError,
  StackLockedError,
  UsageError,
  withHint,
} from "./errors";
import { KubernetesError } from "./kubernetesError";
import type { Step } from "./steps";

/** What is to be done about what a port or the engine reports, by what it says. */
interface Advice {
  readonly says: RegExp;
  /** Whether the same command may succeed later with nothing else changed. */
  readonly retryable: boolean;
  readonly hint: string;
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
const aws: readonly Advice[] = [
  {
    says: /ExpiredToken|CredentialsProviderError|UnrecognizedClient|InvalidClientTokenId|IncompleteSignature|RequestExpired/,
    retryable: false,
    hint: "log in to AWS again, then run the same command again: it goes on where this one stopped",
  },
  {
    says: /AccessDenied|NotAuthorized/,
    retryable: false,
    hint: "grant the driver's AWS role what infra/permissions/aws.json lists, then run the same command again",
  },
];
const again: Omit<Advice, "says"> = {
  retryable: true,
  hint: "run the same command again: it goes on where this one stopped",
};

/** What to do about an error of AWS, by its text. */
export function awsAdvice(text: string): Omit<Advice, "says"> {
  const { retryable, hint } = aws.find(({ says }) => says.test(text)) ?? again;
  return { retryable, hint };
}

interface Surrounding extends Pick<Advice, "says" | "hint"> {
  /** In place of what the error says itself. */
  readonly text?: string;
}

/** What a command meets before it has got to any secret. */
const surroundings: readonly Surrounding[] = [
  {
    says: /spawn pulumi ENOENT/,
    text: "there is no pulumi on the PATH",
    hint: "install it (https://www.pulumi.com/docs/install); in the sandbox: source .sandbox/env",
  },
  {
    says: /spawn E2BIG|argument list too long/,
    hint: "Pulumi hands the configuration over in one environment variable of at most 128 KiB: move declarations into files (secret-rotation:secretFiles)",
  },
  {
    says: /^Command failed: pulumi|PULUMI_ACCESS_TOKEN/,
    hint: "see whether the stack's backend is the right one (pulumi login, PULUMI_BACKEND_URL) and is reached",
  },
  { says: /passphrase/, hint: "set PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with" },
  {
    says: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT/,
    hint: "see whether AWS is reached from here (AWS_ENDPOINT_URL, proxy)",
  },
  ...aws,
];

/** They say themselves what to do. */
const ownErrors = [UsageError, AuditError, BackupError, StackLockedError] as const;

/** The text of an error that ended a command, with what to do about it where that is known. */
export function explained(error: unknown): string {
  const said = describeError(error);
  if (ownErrors.some((own) => error instanceof own)) return said;
  const { text, hint } = surroundings.find(({ says }) => says.test(said)) ?? {};
  const line = (text ?? said).trim().replace(/^Command failed: (.*)\nerror: /, "$1: ");
  return withHint(line, hint);
}

function kubernetesAdvice({ status }: KubernetesError): Omit<Advice, "says"> {
  if (status !== 401 && status !== 403) return again;
  const hint =
    "let the kubeconfig's user do what infra/permissions/kubernetes.yaml lists, then run the same command again";
  return { retryable: false, hint };
}

/** Whatever is thrown within a step, as the failure of one secret at this step, with what to do about it. */
export function failureOf(error: unknown, at: { secret: string; step: Step }): RotationError {
  if (error instanceof RotationError) return error;
  const more = error instanceof SyntaxError ? {} : { cause: error };
  if (error instanceof KubernetesError) {
    return new RotationError("KUBERNETES_FAILED", at, error.message, { ...kubernetesAdvice(error), ...more });
  }
  const text = describeError(error);
  return new RotationError("AWS_FAILED", at, text, { ...awsAdvice(text), ...more });
}
