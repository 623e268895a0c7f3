import { describeError, RotationError, type Step } from "./errors";
import { KubernetesError } from "./ports/kubernetesError";

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
    hint: "grant the driver's AWS role what the README lists, then run the same command again",
  },
];
const again: Omit<Advice, "says"> = {
  retryable: true,
  hint: "nothing is lost: run the same command again, it goes on where this one stopped",
};

/** What to do about an error of AWS, by its text. */
export function awsAdvice(text: string): Omit<Advice, "says"> {
  const { retryable, hint } = aws.find(({ says }) => says.test(text)) ?? again;
  return { retryable, hint };
}

function kubernetesAdvice({ status }: KubernetesError): Omit<Advice, "says"> {
  if (status !== 401 && status !== 403) return again;
  const hint =
    "let the kubeconfig's user read Secrets, ExternalSecrets and workloads there, then run the same command again";
  return { retryable: false, hint };
}

/** Whatever is thrown within a step, as the failure of one secret at this step, with what to do about it. */
export function failureOf(error: unknown, at: { secret: string; step: Step }): RotationError {
  if (error instanceof RotationError) return error;
  const more = { cause: error };
  if (error instanceof KubernetesError) {
    return new RotationError("KUBERNETES_FAILED", at, error.message, { ...kubernetesAdvice(error), ...more });
  }
  const text = describeError(error);
  return new RotationError("AWS_FAILED", at, text, { ...awsAdvice(text), ...more });
}
