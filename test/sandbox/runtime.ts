// Imported before everything else: some libraries do not even load in an older Node, and do not say why.
const oldest = 22;

if (Number(process.versions.node.split(".")[0]) < oldest) {
  console.error(
    `This needs Node ${oldest} or newer and runs in ${process.version}. \`npm run\` uses the one from node_modules; for a command of your own, put node_modules/.bin first on PATH.`,
  );
  process.exit(2);
}
