import fc from "fast-check";
import { Estate, sequence } from "./sequences";

/** `npm run bench -- sequences` runs many. */
const few = 3;

describe("a stack that anything happens to", function () {
  this.timeout(300_000);
  const estate = new Estate("walk");

  before(() => estate.start());
  after(() => estate.stop());

  it("keeps every value that somebody wrote, and what the services log in with", async () => {
    const keeps = fc.asyncProperty(sequence, (operations) => estate.run(operations));
    await fc.assert(keeps, { numRuns: few, endOnFailure: true, includeErrorInReport: true });
  });
});
