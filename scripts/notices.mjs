// Writes THIRD-PARTY-NOTICES.md from what the last build put into the product; `--check` fails when the file says otherwise.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'THIRD-PARTY-NOTICES.md');

/** Parts that are not npm packages: they are inside node-llama-cpp's libraries, what is built from the same sources, and koffi's binary. */
const nativeParts = [
  { name: 'llama.cpp and ggml', license: 'MIT', text: 'llama.cpp.txt' },
  { name: 'nlohmann/json', license: 'MIT', text: 'nlohmann-json.txt' },
  { name: 'cpp-httplib', license: 'MIT', text: 'cpp-httplib.txt' },
  { name: 'node-addon-api', license: 'MIT', text: 'node-addon-api.txt' },
];

/** The folder of the npm package that a bundled file belongs to, or `undefined` for our own files. */
function packageFolder(input) {
  const match = /^(.*node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)/.exec(input);
  return match ? path.resolve(root, match[1]) : undefined;
}

function readPackage(folder) {
  const { name, version, license, licenses } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = fs.readdirSync(folder).filter((entry) => /^(licen[cs]e|copying|notice)/i.test(entry)).sort();
  return {
    name,
    version,
    license: license ?? licenses?.map(({ type }) => type).join(' or ') ?? 'not stated',
    text: texts.map((entry) => fs.readFileSync(path.join(folder, entry), 'utf8').trim()).join('\n\n'),
  };
}

/** The notices of the last build, as text. */
export function notices() {
  const inputs = ['.inputs.json', '.bindingInputs.json'].flatMap((name) => JSON.parse(fs.readFileSync(path.join(root, 'dist', name), 'utf8')));
  const folders = [...new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))];
  const packages = folders.map(readPackage).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const parts = [
    ...nativeParts.map((part) => ({ ...part, version: '', text: fs.readFileSync(path.join(root, 'native', 'licenses', part.text), 'utf8').trim() })),
    ...packages,
  ];
  const sections = parts.map(({ name, version, license, text }) => `## ${[name, version].join(' ').trim()}\n\nLicence: ${license}\n${text === '' ? '' : `\n~~~text\n${text.replaceAll('\r\n', '\n')}\n~~~\n`}`);
  return `# Third-party notices\n\nSeekpod ships these works of others. The list is written by \`node scripts/notices.mjs\` from what the bundles hold.\n\n${sections.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = notices();
  if (!process.argv.includes('--check')) fs.writeFileSync(file, text);
  else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
    console.error('THIRD-PARTY-NOTICES.md is out of date: run `node scripts/notices.mjs` after a build.');
    process.exitCode = 1;
  }
}
