import assert from 'node:assert/strict';
import * as v from 'valibot';
import { catalogue, entryOf, fileOf, modelNamed } from '../../../../src/engine/models/catalogue/catalogue.js';
import data from '../../../../src/engine/models/catalogue/catalogue.json';
import type { GgufValue } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { kvBytesPerToken } from '../../../../src/engine/models/memory/memoryEstimate.js';
import { type CatalogueFile, type CatalogueModel, catalogueSchema } from '../../../../src/engine/models/catalogue/catalogueSchema.js';

const kibibyte = 1_024;
const gibibyte = 1_024 ** 3;
const files: readonly { readonly model: CatalogueModel; readonly file: CatalogueFile }[] = catalogue.models.flatMap((model) => model.files.map((file) => ({ model, file })));
const named = (id: string): CatalogueModel => catalogue.models.find((model) => model.id === id) ?? assert.fail(`no ${id}`);

/** Dimensions as DeepSeek published them: hidden size, inner sizes, heads, vocabulary; of experts their number, those in use, shared ones. */
interface Dimensions {
  readonly hidden: number;
  readonly inner: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabulary: number;
}
const dense: Readonly<Record<string, Dimensions>> = {
  'coder-1.3b-base': { hidden: 2_048, inner: 5_504, heads: 16, kvHeads: 16, vocabulary: 32_256 },
  'coder-6.7b-base': { hidden: 4_096, inner: 11_008, heads: 32, kvHeads: 32, vocabulary: 32_256 },
  'coder-33b-instruct': { hidden: 7_168, inner: 19_200, heads: 56, kvHeads: 8, vocabulary: 32_256 },
  'r1-distill-qwen-1.5b': { hidden: 1_536, inner: 8_960, heads: 12, kvHeads: 2, vocabulary: 151_936 },
  'r1-distill-qwen-7b': { hidden: 3_584, inner: 18_944, heads: 28, kvHeads: 4, vocabulary: 152_064 },
  'r1-distill-qwen-14b': { hidden: 5_120, inner: 13_824, heads: 40, kvHeads: 8, vocabulary: 152_064 },
  'r1-distill-qwen-32b': { hidden: 5_120, inner: 27_648, heads: 40, kvHeads: 8, vocabulary: 152_064 },
  'r1-distill-llama-8b': { hidden: 4_096, inner: 14_336, heads: 32, kvHeads: 8, vocabulary: 128_256 },
  'r1-distill-llama-70b': { hidden: 8_192, inner: 28_672, heads: 64, kvHeads: 8, vocabulary: 128_256 },
  'r1-0528-qwen3-8b': { hidden: 4_096, inner: 12_288, heads: 32, kvHeads: 8, vocabulary: 151_936 },
};

/** Weights of a model with grouped queries of 128 each: embeddings and output, and in each layer attention and a gated network. */
function weightsOf({ hidden, inner, heads, kvHeads, vocabulary }: Dimensions, layers: number): number {
  const attention = hidden * 128 * (2 * heads + 2 * kvHeads);
  return 2 * vocabulary * hidden + layers * (attention + 3 * hidden * inner);
}

/** Bits per weight that a quantization has in whole files; the embeddings of small models weigh more. */
const bits: readonly (readonly [RegExp, number, number])[] = [
  [/^UD-IQ1_S$/, 1.5, 1.8],
  [/^UD-IQ2_XXS$/, 2.1, 2.5],
  [/^(UD-)?Q2_K/, 2.6, 3.4],
  [/^Q3_K_M$/, 3.6, 4.1],
  [/^IQ4_XS$/, 4.2, 4.6],
  [/^Q4_K_S$/, 4.4, 5],
  [/^Q4_K(_M)?$/, 4.7, 5.4],
  [/^Q5_K(_M)?$/, 5.5, 6.2],
  [/^Q6_K$/, 6.5, 7.3],
  [/^Q8_0$/, 8.4, 8.6],
  [/^MXFP4$/, 4.25, 4.5],
];

describe('catalogue', () => {
  it('has a model for each role', () => {
    assert.deepEqual(new Set(catalogue.models.flatMap((model) => model.roles)), new Set(['completion', 'chat', 'reasoning']));
  });

  it('has no instruct or reasoning model for completion, and none for it without fill-in-the-middle', () => {
    for (const { id, name, roles, fim } of catalogue.models) {
      if (roles.includes('completion')) assert.deepEqual([roles, fim, /instruct|chat|r1/i.test(name)], [['completion'], true, false], id);
      else assert.equal(fim, false, id);
    }
  });

  it('has the parameters that the published dimensions give, within 2 %', () => {
    for (const [id, dimensions] of Object.entries(dense)) {
      const { parameters, layers, attention } = named(id);
      const computed = weightsOf(dimensions, layers);
      assert.ok(Math.abs(computed / parameters.total - 1) < 0.02, `${id}: ${computed} and ${parameters.total}`);
      assert.deepEqual(attention, { kind: 'heads', kvHeads: dimensions.kvHeads, keyLength: 128, valueLength: 128 }, id);
    }
  });

  it('has the parameters of the mixtures of experts, all and active, within 5 %', () => {
    // Lite: 27 layers of which one is dense, 64 experts of 1,408 with 6 in use, 2 shared; queries, latent vector and its parts.
    const lite = (experts: number): number =>
      2 * 102_400 * 2_048 + 27 * (2_048 * 16 * 192 + 2_048 * 576 + 512 * 16 * 256 + 16 * 128 * 2_048) + 3 * 2_048 * 10_944 + 26 * (experts + 2) * 3 * 2_048 * 1_408;
    // V3 and R1: 61 layers of which three are dense, 256 experts of 2,048 with 8 in use, one shared.
    const large = (experts: number): number =>
      2 * 129_280 * 7_168 +
      61 * (7_168 * 1_536 + 1_536 * 128 * 192 + 7_168 * 576 + 512 * 128 * 256 + 128 * 128 * 7_168) +
      3 * 3 * 7_168 * 18_432 +
      58 * (experts + 1) * 3 * 7_168 * 2_048;
    const close = (id: string, computed: number, said: number): void => assert.ok(Math.abs(computed / said - 1) < 0.05, `${id}: ${computed} and ${said}`);
    for (const id of ['coder-v2-lite-base', 'coder-v2-lite-instruct', 'v2-lite-chat']) {
      close(id, lite(64), named(id).parameters.total);
      // The embeddings of one token are a row, so they do not count as active.
      close(id, lite(6) - 102_400 * 2_048, named(id).parameters.active);
    }
    for (const id of ['r1', 'v3.1']) {
      close(id, large(256), named(id).parameters.total);
      close(id, large(8), named(id).parameters.active);
    }
  });

  it('has the KV cache per token that the layers and heads give', () => {
    const kib: Readonly<Record<string, number>> = {
      'coder-1.3b-base': 192, 'coder-1.3b-instruct': 192, 'coder-6.7b-base': 512, 'coder-6.7b-instruct': 512, 'coder-33b-instruct': 248,
      'r1-distill-qwen-1.5b': 28, 'r1-distill-qwen-7b': 56, 'r1-distill-qwen-14b': 192, 'r1-distill-qwen-32b': 256, 'r1-distill-llama-8b': 128,
      'r1-distill-llama-70b': 320, 'r1-0528-qwen3-8b': 144, 'coder-v2-lite-base': 270, 'coder-v2-lite-instruct': 270, 'v2-lite-chat': 270,
      // 128 heads of 192 and 128 in a file without latent attention: 4.8 MiB for a token.
      r1: 61 * 128 * (192 + 128) * 2 / kibibyte,
      'v3.1': 61 * 576 * 2 / kibibyte,
      // One entry of 512 and 128 for four tokens in 21 layers, one of 512 for 128 tokens in 20 layers.
      'v4-flash': (21 * (512 + 128) / 4 + 20 * 512 / 128) * 2 / kibibyte,
    };
    assert.deepEqual(Object.fromEntries(catalogue.models.map((model) => [model.id, model.kvBytesPerToken / kibibyte])), kib);
    assert.equal((named('coder-6.7b-base').kvBytesPerToken * 16_384) / gibibyte, 8);
    assert.equal((named('r1-distill-qwen-14b').kvBytesPerToken * 32_768) / gibibyte, 6);
  });

  it('has the KV cache that is computed from the headers of such files', () => {
    for (const { id, architecture, layers, attention, kvBytesPerToken: said } of catalogue.models) {
      if (attention.kind === 'compressed') continue;
      const latent = attention.kind === 'latent';
      const facts: Readonly<Record<string, number>> = {
        block_count: layers,
        'attention.head_count': 128,
        'attention.head_count_kv': latent ? 1 : attention.kvHeads,
        'attention.key_length': attention.keyLength,
        'attention.value_length': latent ? 512 : attention.valueLength,
        ...(latent ? { 'attention.key_length_mla': 192 } : {}),
      };
      const metadata = new Map<string, GgufValue>([['general.architecture', architecture], ...Object.entries(facts).map(([key, value]) => [`${architecture}.${key}`, value] as const)]);
      assert.equal(kvBytesPerToken(metadata), said, id);
    }
  });

  it('marks as such every file that keeps the whole attention of a model with a latent one', () => {
    for (const { model, file } of files) assert.equal(file.traps.includes('fullAttentionCache'), model.architecture === 'deepseek2' && model.attention.kind === 'heads', `${model.id} ${file.id}`);
  });

  it('has files as large as their quantization makes the parameters', () => {
    for (const { model, file } of files) {
      const [, least, most] = bits.find(([pattern]) => pattern.test(file.quantization)) ?? assert.fail(`${file.quantization} has no bounds`);
      const perWeight = (file.bytes * 8) / model.parameters.total;
      assert.ok(perWeight >= least && perWeight <= most, `${model.id} ${file.id} has ${perWeight} bits per weight`);
    }
  });

  it('has the sum of the published parts of R1 as its size, which is 131 GiB and not GB', () => {
    const file = fileOf({ kind: 'catalogue', model: 'r1', file: 'UD-IQ1_S' });
    assert.equal(file?.bytes, (49.3 + 49.4 + 41.5) * 1e9);
    assert.equal(Math.round((file?.bytes ?? 0) / gibibyte), 131);
  });

  it('has each checksum and each address once, with the name of the quantization in it', () => {
    const hashes = files.flatMap(({ file }) => file.parts.flatMap((part) => part.sha256 ?? []));
    assert.equal(new Set(hashes).size, hashes.length);
    const addresses = files.flatMap(({ file }) => file.parts.map((part) => `${file.repository}/${part.file}`));
    assert.equal(new Set(addresses).size, addresses.length);
    for (const { file } of files) assert.ok(file.parts.every((part) => part.file.toLowerCase().includes(file.quantization.toLowerCase())), file.parts[0]?.file);
  });

  it('counts a file as verified only with all checksums, and its size as exact only with all lengths', () => {
    assert.deepEqual([fileOf({ kind: 'catalogue', model: 'r1', file: 'UD-IQ1_S' })].map((file) => [file?.verified, file?.exact, file?.parts.length]), [[false, false, 3]]);
    const pinned = fileOf({ kind: 'catalogue', model: 'r1-distill-qwen-7b', file: 'Q4_K_M' });
    assert.deepEqual([pinned?.verified, pinned?.exact, pinned?.bytes, pinned?.revision?.length], [true, true, 4_683_073_504, 40]);
  });

  it('finds what a hub address names, by its revision, and no other', () => {
    const source = { kind: 'hub', repository: 'bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF', revision: '361004151d4f4f6b446dc5e6d46fbf4422a80d5f', file: 'DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf' } as const;
    assert.equal(entryOf(source)?.model.id, 'r1-distill-qwen-7b');
    assert.equal(entryOf({ ...source, revision: 'main' }), null);
    assert.equal(entryOf({ ...source, file: 'other.gguf' }), null);
    // Any part stands for the whole; an unpinned file is that of the newest revision.
    assert.equal(entryOf({ kind: 'hub', repository: 'unsloth/DeepSeek-R1-GGUF', revision: 'main', file: 'DeepSeek-R1-UD-IQ1_S/DeepSeek-R1-UD-IQ1_S-00002-of-00003.gguf' })?.file.id, 'UD-IQ1_S');
    assert.equal(entryOf({ kind: 'url', url: 'https://example.org/a.gguf' }), null);
  });

  it('knows its models by the names of their files', () => {
    assert.equal(modelNamed('DeepSeek-R1-UD-IQ1_S-00001-of-00003.gguf')?.id, 'r1');
    assert.equal(modelNamed('deepseek-r1-distill-qwen-7b-q4_k_m.gguf')?.id, 'r1-distill-qwen-7b');
    assert.equal(modelNamed('calf-q8_0.gguf'), null);
  });

  it('is refused when a KV cache, a sum, a licence or a path is wrong', () => {
    const broken = (change: (model: (typeof data.models)[number]) => unknown): boolean => {
      const copy = structuredClone(data);
      const [model] = copy.models;
      assert.ok(model);
      change(model);
      return !v.safeParse(catalogueSchema, copy).success;
    };
    assert.equal(broken(() => undefined), false);
    assert.ok(broken((model) => (model.kvBytesPerToken += 1)));
    assert.ok(broken((model) => (model.licences = ['none'])));
    assert.ok(broken((model) => (model.id = 'coder-6.7b-base')));
    for (const file of ['../secret.gguf', 'a/../b.gguf', '/etc/a.gguf', 'a.txt']) assert.ok(broken((model) => Object.assign(model.files[0]?.parts[0] ?? {}, { file })), file);
    assert.ok(broken((model) => Object.assign(model.files[0]?.parts[0] ?? {}, { bytes: 7 })));
  });
});
