import assert from "node:assert/strict";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import fc from "fast-check";
import { ownSecretStoreName } from "../../infra/names";
import { realPorts } from "../../rotation/ports";
import { bytesOf } from "../../rotation/values/externalSecrets";
import { waitFor } from "../../rotation/waitFor";
import { createProject, type Project, region } from "../integration/project";
import { workloads } from "../integration/workloads";
import { documents, properties } from "../rotation/values/documents";

const namespace = "reads";
/** What one ExternalSecret asks for: a property (undefined: the whole value) of a value. */
interface Question {
  readonly value: string;
  readonly property: string | undefined;
}

/** The counterexample is all questions of one run; the error names the one. */
function reporter<T>({ failed, seed, errorInstance }: fc.RunDetails<T>): void {
  if (failed) throw new Error(`seed ${seed}: ${errorInstance}`, { cause: errorInstance });
}

/** What the driver says that External Secrets makes of a value, beside what the operator itself makes of it. */
describe("what External Secrets makes of a value", function () {
  this.timeout(180_000);
  let project: Project;
  let custom: CustomObjectsApi;
  let core: CoreV1Api;
  const names = new Map<string, string>();
  let asked = 0;

  before(async () => {
    project = await createProject("reads");
    const config = new KubeConfig();
    config.loadFromDefault();
    custom = config.makeApiClient(CustomObjectsApi);
    core = config.makeApiClient(CoreV1Api);
    await workloads().createNamespace(namespace);
    project.declare([
      { name: "any", kind: "app", externalSecret: { target: "any", keys: [{ key: "KEY" }], namespaces: [namespace] } },
    ]);
    await project.up();
  });
  after(() => project.remove());

  const nameOf = async (value: string) => {
    const name = names.get(value) ?? `reads/value-${names.size}`;
    if (!names.has(value)) {
      names.set(value, name);
      await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: name, SecretString: value }));
    }
    return name;
  };
  /** All by one ExternalSecret; a text: the operator refuses, and says so. */
  const answers = async (questions: readonly Question[]): Promise<readonly Buffer[] | string> => {
    const name = `asked-${asked++}`;
    const data = [];
    for (const [i, { value, property }] of questions.entries()) {
      const remoteRef = { key: await nameOf(value), ...(property !== undefined && { property }) };
      data.push({ secretKey: `k${i}`, remoteRef });
    }
    const secretStoreRef = { name: ownSecretStoreName(namespace), kind: "SecretStore" };
    const body = {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { name, namespace },
      spec: { refreshInterval: "1h0m0s", secretStoreRef, target: { name }, data },
    };
    const id = { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace };
    await custom.createNamespacedCustomObject({ ...id, body });
    const { kubernetes } = realPorts({ region });
    const said = await waitFor(
      async () => {
        if (/^SecretSynced:/.test(await kubernetes.externalSecretStatus(namespace, name))) return "synced";
        const { items } = await core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${name}` });
        return items.map(({ message = "" }) => message).find((message) => / does not exist in secret /.test(message));
      },
      { timeoutSeconds: 30 },
    );
    const found = await kubernetes.secret(namespace, name);
    await custom.deleteNamespacedCustomObject({ ...id, name });
    assert.ok(said, "External Secrets does not answer");
    if (said !== "synced") return said;
    return questions.map((_, i) => found?.data[`k${i}`] ?? assert.fail(`there is no k${i}`));
  };

  const holdsFor = async (questions: readonly Question[]) => {
    const judged = questions.map((question) => ({ ...question, bytes: bytesOf(question.value, question.property) }));
    const there = judged.filter(({ bytes }) => bytes !== undefined);
    const made = await answers(there);
    assert.ok(typeof made !== "string", `External Secrets refuses what the driver takes: ${made}`);
    for (const [i, { value, property, bytes }] of there.entries()) {
      assert.equal(made[i]?.toString("hex"), bytes?.toString("hex"), JSON.stringify({ value, property }));
    }
    for (const question of judged.filter(({ bytes }) => bytes === undefined).slice(0, 3)) {
      assert.equal(typeof (await answers([question])), "string", JSON.stringify(question));
    }
  };

  it("is judged rightly for what values and properties are like", async () => {
    const value = `{ "nothing": null, "yes": true, "big": 12345678901234567890, "tiny": 1e-7, "thousand": 1e3, "one": 1.0,
      "port": "5432", "empty": "", "line": "a\\nb\\n", "list": [ 1, {"deep": " x"} ], "obj": { "b" : 1,"a":2 }, "obj.a": "dotted",
      "a*b": "star", "api#key": "hash", "@type": "at", "@this": "modifier", "half": "\\ud83d!", "twice": 1, "twice": 2 }\n`;
    const wanted = [
      "nothing",
      "yes",
      "big",
      "tiny",
      "thousand",
      "one",
      "port",
      "empty",
      "line",
      "list",
      "list.0",
    ].concat(
      ...[
        "list.1.deep",
        "obj",
        "obj.b",
        "obj.a",
        "obj\\.a",
        "a*b",
        "a\\*b",
        "n?thing",
        "api#key",
        "@type",
        "\\@this",
        "half",
      ],
      ...["twice", "Nothing", "list.2", "obj.", "port.0"],
    );
    await holdsFor([
      ...wanted.map((property) => ({ value, property })),
      ...[value, "plain", "plain\n\n", " é😀 ", "[1]"].map((text) => ({ value: text, property: undefined })),
      { value: '[{"a":"of an array"}]', property: "0.a" },
    ]);
  });

  it("is judged rightly for documents and properties of all sorts", async () => {
    const questions = fc
      .tuple(documents, fc.array(properties, { minLength: 12, maxLength: 12 }))
      .map(([value, asking]) => [undefined, ...asking].map((property) => ({ value, property })));
    const many = fc.array(questions, { minLength: 25, maxLength: 25 }).map((all) => all.flat());
    await fc.assert(fc.asyncProperty(many, holdsFor), { numRuns: 4, endOnFailure: true, reporter });
  });
});
