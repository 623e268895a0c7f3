import { appendFile } from "node:fs/promises";
import { shortVersion } from "../shortVersion";
import { factsOf, failedOf, type Notice, titleOf, warningsOf } from "./notice";

/** GitHub takes 1 MiB a step. */
const shownRows = 200;
const shownTexts = 50;

/**
 * Adds a run to the summary of the job in GitHub Actions.
 *
 * @param file  GITHUB_STEP_SUMMARY
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
export async function addToJobSummary(file: string, notice: Notice): Promise<void> {
  await appendFile(file, `${jobSummary(notice)}\n`);
}

/** As GitHub's Markdown. */
export function jobSummary(notice: Notice): string {
  const { secrets } = notice.record;
  const failed = failedOf(secrets);
  const rows = [...failed, ...secrets.filter((secret) => !failed.includes(secret))];
  const left = rows.length - shownRows;
  return [
    `### ${plain(titleOf(notice.record))}`,
    "",
    ...factsOf(notice).map((fact) => `- ${plain(fact)}`),
    "",
    ...(rows.length === 0 ? [] : ["| secret | strategy | old | new | result |", "|---|---|---|---|---|"]),
    ...rows.slice(0, shownRows).map(({ name, strategy, oldVersionId, newVersionId, outcome, error }) => {
      const result = error ? `failed at ${error.step}: ${error.code}` : (outcome ?? "not ended");
      const cells = [name, strategy, shortVersion(oldVersionId), shortVersion(newVersionId), result];
      return `| ${cells.map(plain).join(" | ")} |`;
    }),
    ...(left > 0 ? ["", `and ${left} more`] : []),
    "",
    ...failed.slice(0, shownTexts).flatMap(({ error }) => {
      const cure = error?.hint === undefined ? "" : `<br>cure: ${plain(error.hint)}`;
      return [`- **${plain(error?.message ?? "")}**${cure}`];
    }),
    ...warningsOf(notice)
      .slice(0, shownTexts)
      .map((text) => `- warning: ${plain(text)}`),
    "",
  ].join("\n");
}

/**
 * A text that stays one in a table's cell: every sign is an entity, which never counts as structure.
 *
 * @see https://github.github.com/gfm/#entity-and-numeric-character-references
 */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[!-/:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
