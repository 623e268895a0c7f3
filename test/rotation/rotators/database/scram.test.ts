import assert from "node:assert/strict";
import { scramVerifier } from "../../../../rotation/rotators/database/scram";

describe("a SCRAM verifier", () => {
  it("is the one of RFC 7677's example", () => {
    // The keys follow from the RFC's password "pencil" and salt; its client proof and server signature verify with them.
    assert.equal(
      scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64")),
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });
});
