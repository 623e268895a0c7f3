import { Option } from "commander";
import { type Declared, declaredBy } from "../../infra/access/declared";
import { kubernetesRoles } from "../../infra/access/kubernetesRoles";
import { nativePolicy } from "../../infra/access/nativePolicy";
import { operatorPolicy, restorePolicy } from "../../infra/access/otherPolicies";
import type { PolicyDocument } from "../../infra/access/policyDocument";
import { rotationPolicy } from "../../infra/access/rotationPolicy";
import { PolicyTooLong } from "../../infra/access/withinLimit";
import { exitCodes, UsageError } from "../errors";
import { openPorts } from "../ports/openPorts";
import { type OpenStack, openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { stackOption } from "./options";

interface PermissionsOptions {
  readonly stack: string;
  readonly for: keyof typeof policies | "kubernetes";
  readonly account?: string;
}

const policies = { rotation: rotationPolicy, restore: restorePolicy, native: nativePolicy, operator: operatorPolicy };
/** Why there may be none. */
const missing = {
  rotation: "",
  restore: "declares no backup (secret-rotation:backup): there is none to restore",
  native: "sets no rotation by AWS (native on a secret): nobody needs to",
  operator: "brings no secret into Kubernetes: External Secrets needs nothing of it",
} as const;

export const addPermissions: AddCommand = (program, { run }) => {
  const whom =
    "rotation: who rotates; restore: who reads backups too, given beside it; native: who sets AWS's own rotation too (pulumi up, migrate); operator: External Secrets; kubernetes: who rotates, there";
  program
    .command("permissions")
    .description("the IAM policy, or the Kubernetes Roles, that this stack needs, built from what it declares")
    .addOption(stackOption())
    .addOption(new Option("--for <role>", whom).choices([...Object.keys(policies), "kubernetes"]).default("rotation"))
    .option("--account <id>", "the AWS account; default: the one that the stack allows, or that of the credentials")
    .action((options) => run(permissionsCommand(options)));
};

/** `npm run rotation -- permissions`: the policy as JSON, or the Roles as YAML, on stdout. It asks AWS for the account at most. */
async function permissionsCommand({ stack, for: whom, account }: PermissionsOptions): Promise<number> {
  const open = await openStack(stack);
  if (whom === "kubernetes") return printRoles(open, stack);
  const { url: backend = "" } = await open.stack.workspace.whoAmI();
  const secretsProvider = await secretsProviderOf(open, stack);
  const surroundings = { account: account ?? (await accountOf(open)), backend, secretsProvider };
  const declared = declaredBy(open.config, surroundings);
  const policy = policyFor(whom, declared);
  if (!policy) throw new UsageError(`stack ${stack} ${missing[whom]}`);
  process.stdout.write(`${JSON.stringify(policy, undefined, 2)}\n`);
  return exitCodes.done;
}

function policyFor(whom: keyof typeof policies, declared: Declared): PolicyDocument | undefined {
  try {
    return policies[whom](declared);
  } catch (error) {
    throw error instanceof PolicyTooLong ? new UsageError(error.message) : error;
  }
}

async function printRoles({ config }: OpenStack, stack: string): Promise<number> {
  const roles = kubernetesRoles(config);
  if (roles.length === 0) throw new UsageError(`stack ${stack} has nothing in Kubernetes: nobody needs a role there`);
  const { dump } = require("js-yaml") as typeof import("js-yaml");
  const objects = roles.flatMap(({ role, binding }) => [role, ...(binding ? [binding] : [])]);
  process.stdout.write(objects.map((object) => dump(object, { noRefs: true })).join("---\n"));
  return exitCodes.done;
}

/** As Pulumi.<stack>.yaml has it, which stands beside Pulumi.yaml where nothing else was said. */
async function secretsProviderOf({ stack: { workspace } }: OpenStack, stack: string): Promise<string | undefined> {
  try {
    return (await workspace.stackSettings(stack)).secretsProvider;
  } catch {
    process.stderr.write("the stack's file is not beside Pulumi.yaml: add the key of its secrets provider by hand\n");
    return undefined;
  }
}

async function accountOf({ config }: OpenStack): Promise<string> {
  const [only, ...more] = config.allowedAccountIds ?? [];
  if (only !== undefined && more.length === 0) return only;
  const arn = await (await openPorts(config)).sts.caller().catch(() => undefined);
  const account = arn?.split(":")[4];
  if (account) return account;
  throw new UsageError("AWS does not say which account this is: name it by --account");
}
