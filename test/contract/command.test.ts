import assert from "node:assert/strict";
import { join } from "node:path";
import { waitFor } from "../../rotation/waitFor";
import { cli } from "../integration/cli";
import { withDescendants } from "../sandbox/process/processTable";
import { admin } from "./acme";
import { type Issuer, startIssuer } from "./issuer";
import { argumentsFor, judged, those } from "./judged";

const acme = join(__dirname, "variants/good-issued.ts");
const hanging = join(__dirname, "hanging.ts");

describe("secret-rotation test-rotator", function () {
  this.timeout(240_000);
  let issuer: Issuer;
  const given = () => ({ parameters: { url: issuer.url }, secrets: { [admin]: issuer.adminKey } });
  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.end());

  it("refuses what cannot be judged before the rotator does anything", async () => {
    const wrong = [
      [join(__dirname, "nowhere.ts"), given(), /there is no file/],
      [acme, { ...given(), parameters: { url: "not an address", more: 1 } }, /acme-key\.url: .*\n.*acme-key\.more: /],
      [acme, { secrets: given().secrets }, /acme-key: is needed for kind acme-key: url/],
      [acme, { parameters: { url: issuer.url } }, /reads acme\/admin: give --secret acme\/admin=FILE/],
      [acme, { ...given(), more: ["--strategy", "none"] }, /has no strategy none/],
    ] as const;
    for (const [file, how, says] of wrong) {
      const { code, stdout, stderr } = await judged(file, how);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, says);
    }
    assert.deepEqual(issuer.made(), []);
  });

  it("fails a module without a rotator at its definition", async () => {
    const one = await judged(join(__dirname, "issuer.ts"), given());
    assert.deepEqual([one.code, those(one, "failed")], [1, ["definition"]]);
    assert.match(one.result?.clauses[0]?.why ?? "", /exports no rotator: export default defineRotator/);
  });

  it("ends in bounded time, and leaves no process", async () => {
    const running = withDescendants(process.pid).length;
    const one = await judged(hanging, { ...given(), more: ["--timeout", "8s"] });
    assert.equal(one.code, 1, one.stderr);
    assert.deepEqual(those(one, "failed"), []);
    assert.match(one.result?.clauses.at(-1)?.why ?? "", /not done after 8 s/);
    assert.ok(withDescendants(process.pid).length <= running);
  });

  it("is ended by Ctrl-C, with all that the rotator has started", async () => {
    const { folder, args, end } = argumentsFor(hanging, given());
    const { child, finished } = cli(folder, ...args);
    const family = () => withDescendants(child.pid ?? 0);
    try {
      // The command, the rotator's process, and what that has started.
      assert.ok(await waitFor(async () => (family().length >= 3 ? true : undefined), { timeoutSeconds: 120 }));
      const started = family();
      child.kill("SIGINT");
      assert.equal((await finished).code, 130);
      const isLeft = (pid: number) => withDescendants(pid).length > 0;
      const gone = async () => (started.some(({ pid }) => isLeft(pid)) ? undefined : true);
      assert.ok(await waitFor(gone, { timeoutSeconds: 10 }));
    } finally {
      end();
    }
  });
});
