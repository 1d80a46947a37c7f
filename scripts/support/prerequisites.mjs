/** The oldest Node.js that runs Seekpod: `engines.node` of package.json. */
export const oldestNode = [20, 19];

/** Ends the program with a clear message when Node.js is too old. Plain syntax: it must run there too. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  console.error(`Seekpod needs Node.js ${oldestNode.join('.')} or newer, and this is ${process.versions.node}. Install a newer one from https://nodejs.org and run the command again.`);
  process.exit(1);
}
