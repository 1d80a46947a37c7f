// What may be and what must be in a package. Pure: paths in, complaints out.

/** Everything else in a package is a mistake of .vscodeignore. */
const allowed = [
  /^package(\.nls(\.[a-z-]+)?)?\.json$/,
  /^(README|CHANGELOG|THIRD-PARTY-NOTICES)\.md$/,
  /^LICENSE$/,
  /^l10n\/[^/]+\.json$/,
  /^media\/(walkthrough\/)?[^/]+\.(svg|png)$/,
  /^models\/[^/]+\.gguf$/,
  /^dist\/(extension|daemon|cli)\.cjs$/,
  /^dist\/worker\.mjs$/,
  /^dist\/layerServer\.cjs$/,
  /^dist\/webview\/(?:benchmark\/)?main\.(js|css)$/,
  /^dist\/node_modules\/node-llama-cpp\//,
  /^dist\/node_modules\/@node-llama-cpp\//,
  /^dist\/node_modules\/koffi\//,
  /^dist\/node_modules\/@koromix\/koffi-[^/]+\//,
];
const required = [
  'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD-PARTY-NOTICES.md', 'models/calf-q8_0.gguf',
  'dist/extension.cjs', 'dist/daemon.cjs', 'dist/cli.cjs', 'dist/worker.mjs', 'dist/layerServer.cjs', 'dist/webview/main.js', 'dist/webview/main.css', 'dist/webview/benchmark/main.js', 'dist/webview/benchmark/main.css',
  'dist/node_modules/node-llama-cpp/dist/index.js', 'dist/node_modules/node-llama-cpp/dist/bindings/utils/testBindingBinary.js',
  'dist/node_modules/koffi/index.js', 'dist/node_modules/koffi/index.cjs', 'dist/node_modules/koffi/LICENSE.txt',
];

/** Complaints about the files of a package for a target that ships the given prebuilt packages; none when it is right. */
export function contentProblems(files, packages) {
  const present = new Set(files);
  const shipped = new Set(files.flatMap((file) => /^dist\/node_modules\/@node-llama-cpp\/([^/]+)\//.exec(file)?.[1] ?? []));
  return [
    ...required.filter((file) => !present.has(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !allowed.some((rule) => rule.test(file))).map((file) => `${file} does not belong there`),
    ...packages.filter((name) => !files.some((file) => file.startsWith(`dist/node_modules/@node-llama-cpp/${name}/`) && file.endsWith('llama-addon.node'))).map((name) => `${name} has no llama-addon.node`),
    ...packages.filter((name) => !files.some((file) => file.startsWith(`dist/node_modules/@node-llama-cpp/${name}/`) && /ggml-cpu[^/]*\.(so|dll|dylib)$/.test(file))).map((name) => `${name} has no CPU module`),
    ...packages.filter((name) => !files.some((file) => file.startsWith(`dist/node_modules/@node-llama-cpp/${name}/`) && /\/rpc\/(lib)?ggml-rpc\.(so|dylib|dll)$/.test(file))).map((name) => `${name} has no libggml-rpc`),
    ...(files.some((file) => /@koromix\/koffi-[^/]+\/.+\/koffi\.node$/.test(file)) ? [] : ['koffi has no binary']),
    ...[...shipped].filter((name) => !packages.includes(name)).map((name) => `${name} is of another platform`),
    ...files.filter((file) => /ggml-cpu-sapphirerapids/.test(file)).map((file) => `${file} aborts with DeepSeek models`),
  ];
}
