import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../rotation/rotators";
import { native } from "../../rotation/rotators/native";
import { repository } from "../sandbox/paths";

/** The kinds as a table of the README. */
function table(): string[] {
  const rows = [...builtIn.values()].flatMap(({ kind, maxAgeDays, strategies }) =>
    Object.entries(strategies)
      .filter(([, strategy]) => strategy !== native)
      .map(
        ([name, { about }], i) =>
          `| ${i === 0 ? `\`${kind}\`` : ""} | \`${name}\` | ${i === 0 ? maxAgeDays : ""} | ${about} |`,
      ),
  );
  const head = ["| kind | strategy | limit in days | what a rotation does |", "|---|---|---|---|"];
  return [...head, ...rows, `| any but \`ssh-key\` | \`native\` | | ${native.about} |`];
}

it("README.md has the kinds of secret as they say themselves", () => {
  const readme = readFileSync(join(repository, "README.md"), "utf8");
  assert.ok(readme.includes(table().join("\n")), `this belongs into README.md:\n${table().join("\n")}`);
});
