import assert from "node:assert/strict";
import { jobSummary } from "../../../rotation/notify/jobSummary";
import { secretResult } from "../audit/samples";
import { failed, notice } from "./samples";

describe("the summary of a job in GitHub Actions", () => {
  it("has a row for each secret, those that failed first, and the cure of each failure", () => {
    const lines = jobSummary(notice({ secrets: [secretResult(), failed] })).split("\n");
    const head = lines.indexOf("| secret | strategy | old | new | result |");
    assert.match(
      lines[head + 2] ?? "",
      /^\| shop&#47;other \| simple \| .* \| – \| failed at sync&#58; NOT&#95;SYNCED \|$/,
    );
    assert.match(lines[head + 3] ?? "", /^\| shop&#47;key \| .* \| rotated \|$/);
    assert.ok(lines.some((line) => line.startsWith("- **shop&#47;other") && line.includes("<br>cure: look at")));
  });

  it("lets no name or message become Markdown, HTML, a link or another row", () => {
    const text = jobSummary(
      notice({ secrets: [failed] }, { reason: "a | b <img src=x> `c` https://evil.example @all" }),
    );
    const own = text.replaceAll(/<br>cure: |\*\*|^(### |- |\|)|\|/gm, "");
    assert.doesNotMatch(own, /[<>`*_[\]|@]|:\/\//);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    assert.deepEqual(
      rows.map((row) => row.split("|").length),
      rows.map(() => 7),
    );
  });

  it("stays below what GitHub takes", () => {
    const secrets = Array.from({ length: 3000 }, (_, i) => ({ ...failed, secret: `shop/${i}` }));
    const text = jobSummary(notice({ secrets }));
    assert.ok(Buffer.byteLength(text) < 1024 * 1024);
    assert.match(text, /^and 2800 more$/m);
  });
});
