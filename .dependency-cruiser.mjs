// The architecture: who may import whom, for types too. `npm run check` and `npm test` fail where it is broken.

/**
 * From the lowest to the highest: nothing imports what stands in a line below its own, nor its neighbours in its own line.
 * A folder has all that is in it, apart from what has a line of its own.
 */
const layers = [
  ["policies/rules"], // names, kinds, limits; what the policy pack judges by
  ["infra/names.ts"],
  ["infra/config"], // the schema of Pulumi.<stack>.yaml
  ["infra"], // the Pulumi program
  ["rotation/*.ts"], // what all of the driver shares: steps, errors, the observer, a run's result
  ["rotation/values", "rotation/schedule", "rotation/tracing"],
  ["rotation/consumers"], // the kinds of consumer, a file each
  ["rotation/ports"], // the only ones to talk to other systems
  ["rotation/rotators"], // the kinds of secret, one folder each
  ["rotation/backup", "rotation/stack", "rotation/reloader"],
  ["rotation/plan"], // what a run is going to do to each secret
  ["rotation/gates", "rotation/policy", "rotation/status", "rotation/audit"],
  ["rotation/schemas", "rotation/metrics"],
  ["rotation/notify", "rotation/progress", "rotation/report"],
  ["rotation/contract", "rotation/evidence", "rotation/run"], // contract: what every rotator has to keep; run/rotate.ts is the order of things
  ["rotation/commands"],
  ["rotation/cli.ts"],
  ["rotation/main.ts", "infra/index.ts"], // the driver, and the Pulumi program, which knows the kinds
];

const product = "^(infra|rotation|policies)/";
/** Clients of other systems, as packages. */
const clients = "node_modules/(@aws-sdk|@aws-crypto|@kubernetes/client-node|pg)/";
/** Node's own ways out of the process. */
const io = "^(child_process|dgram|dns|fs|http|http2|https|net|tls)(/|$)";

const pathOf = (part) => `^${part.replaceAll(".", "\\.").replace("*", "[^/]+")}(/|$)`;
const members = layers.flatMap((layer, height) => layer.map((part) => ({ part, height, path: pathOf(part) })));
/** What lies in `one`, and has a line of its own. */
const within = ({ part }) =>
  members.filter((other) => other.part !== part && isIn(other.part, part)).map(({ path }) => path);
const isIn = (inner, outer) => new RegExp(pathOf(outer)).test(inner);
const exactly = (one) => ({ path: one.path, ...(within(one).length > 0 && { pathNot: within(one) }) });

const upward = members.flatMap((one) =>
  members
    .filter((other) => other.part !== one.part && other.height >= one.height)
    .map((other) => ({
      name: `${one.part} is not above ${other.part}`,
      severity: "error",
      from: exactly(one),
      to: exactly(other),
    })),
);

const rules = [
  { name: "no circles", from: {}, to: { circular: true } },
  {
    name: "every folder has a line among the layers",
    from: { path: "^(infra|rotation)/", pathNot: members.map(({ path }) => path) },
    to: {},
  },
  { name: "the product imports no test", from: { path: product }, to: { path: "^test/" } },
  { name: "the product needs no devDependency", from: { path: product }, to: { dependencyTypes: ["npm-dev"] } },
  { name: "every import is found", from: {}, to: { couldNotResolve: true } },
  { name: "policies/ imports no sibling", from: { path: "^policies/" }, to: { path: "^(infra|rotation|test)/" } },
  {
    name: "of policies/ only the rules are imported",
    from: { path: "^(infra|rotation)/" },
    to: { path: "^policies/", pathNot: "^policies/rules/" },
  },
  { name: "the rules need no package", from: { path: "^policies/rules/" }, to: { path: "node_modules/" } },
  {
    name: "infra/ talks to nobody but by Pulumi",
    from: { path: "^infra/", pathNot: "^infra/config/hostName\\.ts$" }, // that one asks `net` what an address is
    to: { path: `${clients}|${io}` },
  },
  {
    name: "only the ports talk to other systems",
    from: { path: "^rotation/", pathNot: "^rotation/ports/" },
    to: { path: clients },
  },
  {
    name: "of the pack one module asks AWS",
    from: { path: "^policies/", pathNot: "^policies/pack/currentVersion\\.ts$" },
    to: { path: clients },
  },
  {
    name: "rotators, consumers, values and gates do no I/O but through the ports",
    from: { path: "^rotation/(rotators|consumers|values|gates)/" },
    to: { path: io },
  },
  {
    name: "only the stack drives the engine",
    from: { path: "^rotation/", pathNot: "^rotation/stack/" },
    to: { path: "node_modules/@pulumi/", dependencyTypesNot: ["type-only"] },
  },
].map((rule) => ({ severity: "error", ...rule }));

export default {
  forbidden: [...rules, ...upward],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${import.meta.dirname}/tsconfig.json` },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
