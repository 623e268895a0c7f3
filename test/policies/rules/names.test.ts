import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as infra from "../../../infra/names";
import { isExternalSecretsType, types } from "../../../policies/pack/types";
import { defaults as alarmed } from "../../../policies/rotationAlarmsPresent";
import { tags } from "../../../policies/rules/secret";

// The pack is published alone and imports nothing from infra/: so what both name is compared here.
describe("policies: the names that infra/ gives", () => {
  it("are the tags that the rules read", () => {
    // A certificate's end is written by its renewal, a runbook by people.
    const { notAfter, runbook, ...written } = tags;
    assert.deepEqual({ ...infra.tags, ...written }, infra.tags);
    assert.deepEqual([notAfter, runbook], ["not-after", "runbook"]);
  });

  it("are the metrics that the alarms watch", () => {
    const { namespace, names, dimensions } = infra.metrics;
    assert.deepEqual(alarmed, {
      namespace,
      failureMetric: names.failure,
      overdueMetric: names.age,
      dimension: dimensions.secret,
    });
  });

  it("are the types that the policies judge", () => {
    assert.equal(types.secret, infra.types.secret);
    assert.equal(types.secretVersion, infra.types.secretVersion);
    assert.ok(isExternalSecretsType(infra.types.externalSecret, "ExternalSecret"));
  });
});
