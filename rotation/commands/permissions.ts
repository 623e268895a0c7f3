import { Option } from "commander";
import { declaredBy } from "../../infra/access/declared";
import { restorePolicy, rotationPolicy } from "../../infra/access/rotationPolicy";
import { exitCodes, UsageError } from "../errors";
import { openPorts } from "../ports/openPorts";
import { type OpenStack, openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { stackOption } from "./options";

interface PermissionsOptions {
  readonly stack: string;
  readonly for: "rotation" | "restore";
  readonly account?: string;
}

export const addPermissions: AddCommand = (program, { run }) => {
  const whom = "rotation: who rotates; restore: who reads backups too, to be given beside it";
  program
    .command("permissions")
    .description("the IAM policy that a role needs for this stack, built from what it declares")
    .addOption(stackOption())
    .addOption(new Option("--for <role>", whom).choices(["rotation", "restore"]).default("rotation"))
    .option("--account <id>", "the AWS account; default: the one that the stack allows, or that of the credentials")
    .action((options) => run(permissionsCommand(options)));
};

/** `npm run rotation -- permissions`: the policy as JSON on stdout. It asks AWS for the account at most. */
async function permissionsCommand({ stack, for: whom, account }: PermissionsOptions): Promise<number> {
  const open = await openStack(stack);
  const { url: backend = "" } = await open.stack.workspace.whoAmI();
  const { secretsProvider } = await open.stack.workspace.stackSettings(stack);
  const surroundings = { account: account ?? (await accountOf(open)), backend, secretsProvider };
  const declared = declaredBy(open.config, surroundings);
  const policy = whom === "restore" ? restorePolicy(declared) : rotationPolicy(declared);
  if (!policy)
    throw new UsageError(`stack ${stack} declares no backup (secret-rotation:backup): there is none to restore`);
  process.stdout.write(`${JSON.stringify(policy, undefined, 2)}\n`);
  return exitCodes.done;
}

async function accountOf({ config }: OpenStack): Promise<string> {
  const [only, ...more] = config.allowedAccountIds ?? [];
  if (only !== undefined && more.length === 0) return only;
  const arn = await (await openPorts(config)).sts.caller().catch(() => undefined);
  const account = arn?.split(":")[4];
  if (account) return account;
  throw new UsageError("AWS does not say which account this is: name it by --account");
}
