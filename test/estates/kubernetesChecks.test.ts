import assert from "node:assert/strict";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";
import { KubernetesError } from "../../rotation/kubernetesError";
import { realPorts } from "../../rotation/ports";
import { kubernetes } from "../../rotation/ports/kubernetes";
import type { SecretResult } from "../../rotation/result";
import { openStack } from "../../rotation/stack/openStack";
import { type FaultProject, faultProject } from "../faults/faultProject";
import { documented, elsewhere } from "../faults/kubeconfigs";
import { cli } from "../integration/cli";
import { only, useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { freePort } from "../sandbox/process/freePort";
import { waitFor } from "../sandbox/process/waitFor";
import { asSuperuser } from "../sandbox/testing/superuser";
import { deploymentAt, externalSecretAt, foreignHands, storeAt } from "./foreignHands";

const [stack, other] = ["checks", "checks-other"];
const app = (name: string, ...consumers: [namespace: string, name: string][]) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: consumers.map(([namespace, workload]) => ({ namespace, name: workload, takes: "env" })),
});
const database = {
  ...app("orders", [stack, "web"]),
  kind: "database",
  externalSecret: { target: "orders", keys: ["username", "password"].map((key) => ({ key, property: key })) },
  database: {
    ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable", gracePeriod: "0s" },
    ...{ roles: ["checks_a", "checks_b"], groupRole: "checks_group" },
  },
};
const alone = { ...app("alone"), externalSecret: { ...app("alone").externalSecret, namespaces: [stack] } };
const declared = [app("one", [stack, "queue"]), app("both", [stack, "queue"], [other, "web"]), alone, database];

describe("what Kubernetes would refuse is found before anything is touched", function () {
  this.timeout(300_000);
  let project: FaultProject;
  let cluster: Workloads;
  let hands: ReturnType<typeof foreignHands>;

  before(async () => {
    await useSandbox();
    hands = foreignHands();
    cluster = workloads();
    for (const namespace of [stack, other]) await cluster.createNamespace(namespace);
    project = await faultProject(stack, { "kubernetes:kubeconfig": await documented(stack) });
    const driver = { name: "driver", namespace: stack };
    await hands.bind(other, "driver", "secret-rotation", driver);
    await Promise.all([
      cluster.deploy(stack, "web"),
      cluster.deploy(stack, "queue"),
      cluster.deploy(other, "web"),
      asSuperuser(`CREATE ROLE checks_group NOLOGIN; GRANT CONNECT ON DATABASE shop TO checks_group;
        GRANT checks_group TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`),
    ]);
    project.declare(declared);
    await project.up();
    const { secrets } = await project.rotate(["one", "both", "orders"]);
    assert.deepEqual(secrets.map(said), ["rotated", "rotated", "rotated"]);
  });
  after(() => project.remove());

  const said = ({ outcome, error }: SecretResult) => error?.message ?? outcome;
  const passwords = () =>
    asSuperuser("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'checks_%' ORDER BY rolname");
  const touched = async (name: string) => {
    const { current, pending } = await project.live(name);
    return [current, pending, await passwords()];
  };

  /** The rotation ends at its check, and nothing is as if it had begun. */
  async function refused(name: string, options?: Parameters<FaultProject["rotate"]>[1]) {
    const before = await touched(name);
    const { error } = only(await project.rotate([name], options));
    assert.deepEqual([error?.step, await touched(name)], ["check", before], error?.message);
    return { code: error?.code, message: error?.message ?? "", hint: error?.hint ?? "" };
  }
  async function rotates(name: string): Promise<SecretResult> {
    const result = only(await project.rotate([name]));
    assert.equal(said(result), "rotated");
    return result;
  }

  describe("fields that are somebody else's", () => {
    it("annotations, whoever wrote them, conflict with nothing", async () => {
      const at = externalSecretAt(stack, "orders");
      const by = { "force-sync": "1764108000", "secret-rotation/version": "by-git" };
      await hands.apply(at, "ExternalSecret", { metadata: { annotations: by } }, "argocd-controller");
      await hands.change(at, { metadata: { annotations: { "force-sync": "1764108001" } } }, "kubectl-annotate");
      const key = "checks.secret-rotation/orders";
      const template = { metadata: { annotations: { [key]: "restarted by hand" } } };
      await hands.change(deploymentAt(stack, "web"), { spec: { template } }, "kubectl-patch");
      const { newVersionId } = await rotates("orders");
      assert.equal((await cluster.annotations(stack, "web"))[key], newVersionId);
    });

    it("of an ExternalSecret that kubectl has changed, nothing: Pulumi's provider takes it over", async () => {
      const at = externalSecretAt(stack, "one");
      await hands.change(at, { spec: { refreshInterval: "7m" } }, "kubectl-edit");
      await rotates("one");
    });

    it("a rule of the ExternalSecret, which GitOps would set again", async () => {
      const at = externalSecretAt(stack, "orders");
      await hands.apply(at, "ExternalSecret", { spec: { refreshInterval: "9m" } }, "argocd-controller");
      const { code, message, hint } = await refused("orders");
      assert.equal(code, "KUBERNETES_FAILED");
      assert.match(
        message,
        /ExternalSecret checks\/orders would be undone: "argocd-controller" owns \.spec\.refreshInterval$/,
      );
      assert.match(hint, /Argo CD: ignoreDifferences/);
      await hands.change(at, { spec: { refreshInterval: "5m0s" } }, "kubectl-edit");
      await rotates("orders");
    });

    it("are shown by the dry run, with what was found to be right", async () => {
      const at = externalSecretAt(stack, "one");
      await hands.apply(at, "ExternalSecret", { spec: { refreshInterval: "9m" } }, "flux");
      const args = ["rotate", "one", "orders", "--dry-run", "--stack", stack];
      const [{ code, stdout }, { stdout: json }] = await Promise.all([
        cli(project.folder, ...args).finished,
        cli(project.folder, ...args, "--json").finished,
      ]);
      assert.equal(code, 1);
      assert.match(
        stdout,
        /^one\n( {2}.*\n)* {2}refused: one: check: .*"flux" owns \.spec\.refreshInterval\n {4}have them leave/m,
      );
      assert.match(stdout, /^orders\n( {2}.*\n)* {2}checked: ExternalSecret checks\/orders takes the change/m);
      assert.match(stdout, /^ {2}checked: Deployment checks\/web takes the change \(server-side dry run\)$/m);
      assert.match(stdout, /^ {2}checked: the kubeconfig's user may .*patch deployments\.apps in checks/m);
      assert.match(stdout, /^checked: the AWS credentials are an access key/m);
      const { secrets, checked } = JSON.parse(json);
      assert.match(secrets[0].refused, /"flux" owns/);
      assert.ok(
        secrets[1].checked.some((fact: string) =>
          fact.startsWith("SecretStore checks/secret-rotation-checks is ready"),
        ),
      );
      assert.match(checked.join("\n"), /unknown: whether AWS allows what the run writes/);
      await hands.change(at, { spec: { refreshInterval: "5m0s" } }, "kubectl-edit");
    });
  });

  describe("permissions", () => {
    const rights = ["secrets", "externalsecrets", "deployments"] as const;
    const grant = async (without: (right: { resource: string; verb: string }) => boolean) => {
      const groups = { secrets: "", externalsecrets: "external-secrets.io", deployments: "apps" };
      const verbs = ["get", "patch"];
      const rules = rights.map((resource) => ({
        apiGroups: [groups[resource]],
        resources: [resource],
        verbs: verbs.filter((verb) => !without({ resource, verb })),
      }));
      await hands.unbind(other, "driver").catch(() => undefined);
      await hands.createRole("checks-less", rules);
      await hands.bind(other, "less", "checks-less", { name: "driver", namespace: stack });
    };
    afterEach(async () => {
      await hands.unbind(other, "less").catch(() => undefined);
      await hands.deleteRole("checks-less").catch(() => undefined);
      await hands.bind(other, "driver", "secret-rotation", { name: "driver", namespace: stack }).catch(() => undefined);
    });

    it("that are missing in one namespace are named, with it, and no others", async () => {
      await hands.unbind(other, "driver");
      const { code, message, hint } = await refused("both");
      assert.equal(code, "KUBERNETES_FAILED");
      const all = [
        "get secrets in checks-other",
        "get, patch externalsecrets.external-secrets.io in checks-other",
        "get, patch deployments.apps in checks-other",
      ];
      assert.equal(message, `both: check: the kubeconfig's user may not ${all.join("; ")}`);
      assert.match(hint, /infra\/permissions\/kubernetes\.yaml/);
      await rotates("one");
    });

    it("to write, or to see what arrived: each one alone is found", async () => {
      const cases = [
        ["patch", "deployments", /may not patch deployments\.apps in checks-other$/],
        ["patch", "externalsecrets", /may not patch externalsecrets\.external-secrets\.io in checks-other$/],
        ["get", "secrets", /may not get secrets in checks-other$/],
      ] as const;
      for (const [verb, resource, says] of cases) {
        await grant((right) => right.resource === resource && right.verb === verb);
        assert.match((await refused("both")).message, says);
        await hands.unbind(other, "less");
        await hands.deleteRole("checks-less");
      }
    });

    it("without which a rollout only says less, or a store cannot be read: told, and not refused", async () => {
      await grant(() => false);
      const { warnings } = await rotates("both");
      assert.match(warnings.join("\n"), /may not list pods in checks-other: a rollout that is stuck says less/);
    });

    it("that cannot be asked for are neither claimed nor refused", async () => {
      const real = realPorts(await settings()).kubernetes;
      const mayDo = () => Promise.reject(new KubernetesError("the API server answers 403: no reviews", 403));
      const ports = { kubernetes: { ...real, mayDo } };
      assert.equal(said(only(await project.rotate(["one"], { ports }))), "rotated");
    });
  });

  it("an API server that is away, though nothing consumes the secret", async () => {
    const { code, message } = await refused("alone", {
      ports: { kubernetes: kubernetes(elsewhere(`https://127.0.0.1:${await freePort()}`)) },
    });
    assert.equal(code, "KUBERNETES_FAILED");
    assert.match(message, /the API server is not reached: .*ECONNREFUSED/);
  });

  describe("rules of the cluster", () => {
    afterEach(() => hands.allow("checks-freeze"));
    it("an admission policy that lets no workload change", async () => {
      await hands.forbid("checks-freeze", deploymentAt(stack, "web"));
      const { message, hint } = await refused("orders");
      assert.match(message, /Deployment checks\/web would be refused: .*'checks-freeze'.*nothing changes in a freeze/);
      assert.match(hint, /have whoever set this rule allow it/);
    });

    it("an admission policy that lets no ExternalSecret change", async () => {
      await hands.forbid("checks-freeze", externalSecretAt(stack, "orders"));
      assert.match((await refused("orders")).message, /ExternalSecret checks\/orders would be refused/);
    });
  });

  describe("objects of External Secrets", () => {
    it("an ExternalSecret that was deleted: pulumi up --refresh brings it back", async () => {
      const at = externalSecretAt(stack, "orders");
      await hands.delete(at);
      const isGone = () =>
        hands.read(at).then(
          () => false,
          ({ code }: { code?: number }) => code === 404,
        );
      // External Secrets has a finalizer on it.
      await waitFor("its end", isGone, { timeoutMs: 30_000 });
      const { code, message, hint } = await refused("orders");
      assert.equal(code, "NOT_PROVISIONED");
      assert.match(message, /ExternalSecret checks\/orders was deleted outside of the stack, which still has it$/);
      assert.match(hint, /pulumi up --refresh --stack checks/);
      const open = await openStack(stack, project.folder);
      await open.stack.up({ program: () => program(open.config, noRotation("now")), refresh: true });
      await rotates("orders");
    });

    it("a SecretStore that is not ready, until it is", async () => {
      const reference = { name: "nowhere", key: "key" };
      const secretRef = { accessKeyIDSecretRef: reference, secretAccessKeySecretRef: reference };
      const auth = (to: object | null) =>
        hands.change(storeAt(stack), { spec: { provider: { aws: { auth: to } } } }, "kubectl-edit");
      const real = realPorts(await settings()).kubernetes;
      const becomes = (wanted: string) =>
        waitFor(
          `SecretStore ${wanted}`,
          async () => {
            const store = await real.secretStore(stack, { kind: "SecretStore", name: "secret-rotation-checks" });
            assert.equal(store?.ready?.status, wanted);
            return true;
          },
          { timeoutMs: 60_000 },
        );
      await auth({ secretRef });
      await becomes("False");
      const { code, message, hint } = await refused("orders");
      assert.equal(code, "NOT_SYNCED");
      assert.match(message, /SecretStore checks\/secret-rotation-checks is not ready \(InvalidProviderConfig: /);
      assert.match(hint, /kubectl describe secretstore -n checks secret-rotation-checks/);
      await auth(null);
      await becomes("True");
      await rotates("orders");
    });

    it("a Kubernetes Secret that is immutable, until it is deleted and made again", async () => {
      await hands.changeSecret(stack, "one", { immutable: true });
      const { code, message, hint } = await refused("one");
      assert.equal(code, "NOT_SYNCED");
      assert.match(message, /the Kubernetes Secret checks\/one is immutable/);
      assert.match(hint, /delete it/);
      await hands.deleteSecret(stack, "one");
      await waitFor("the Secret", () => hands.secret(stack, "one"), { timeoutMs: 30_000 });
      await rotates("one");
    });
  });

  describe("namespaces", () =>
    it("one that is being deleted", async () => {
      const namespace = "checks-ending";
      await cluster.createNamespace(namespace);
      await hands.bind(namespace, "driver", "secret-rotation", { name: "driver", namespace: stack });
      await cluster.deploy(namespace, "web");
      project.declare([...declared, app("ending", [namespace, "web"])]);
      await project.up();
      assert.equal(said(only(await project.rotate(["ending"]))), "rotated");
      const held = [deploymentAt(namespace, "web"), externalSecretAt(namespace, "ending")];
      const finalizers = (some: string[] | null) =>
        Promise.all(held.map((at) => hands.change(at, { metadata: { finalizers: some } }, "kubectl-edit")));
      await finalizers(["test.example/held"]);
      await hands.deleteNamespace(namespace);
      try {
        assert.match((await refused("ending")).message, /namespace checks-ending is being deleted/);
      } finally {
        await finalizers(null);
        project.declare(declared);
      }
    }));

  const settings = async () => (await openStack(stack, project.folder)).config;
});
