import * as v from 'valibot';
import { assertNever } from '../../base/errors.js';
import { licenceSchema, modelRoleSchema, sha256Schema, templateQuirkSchema, trapSchema } from '../../protocol/modelTypes.js';

const label = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const id = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What the KV cache keeps in each layer. */
const attentionSchema = v.variant('kind', [
  /** Keys and values of each head, in elements. */
  v.object({ kind: v.literal('heads'), kvHeads: positive, keyLength: positive, valueLength: positive }),
  /** Multi-head latent attention: one latent vector with its rotated part, of which the values are a part. */
  v.object({ kind: v.literal('latent'), keyLength: positive }),
  /**
   * One entry for every `ratio` tokens, with what an indexer keeps to find it; layers that look at a window alone have no group.
   * llama.cpp: `llama_kv_cache_dsv4`.
   */
  v.object({ kind: v.literal('compressed'), groups: v.array(v.object({ layers: positive, ratio: positive, elements: positive })) }),
]);

const partSchema = v.object({
  /** Path in the repository. */
  file: v.pipe(v.string(), v.maxLength(512), v.regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.-]+(?:\/[\w.-]+)*\.gguf$/)),
  /** `null` where only the rounded size is published. */
  bytes: v.nullable(positive),
  /** `null` where nobody has confirmed it. */
  sha256: v.nullable(sha256Schema),
});

const fileSchema = v.pipe(
  v.object({
    id,
    quantization: label,
    repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/)),
    /** The commit of the repository that has these bytes; `null` where it is not known, which then means the newest. */
    revision: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
    /** All parts together; as published, rounded to three digits, where `exact` is false. */
    bytes: positive,
    traps: v.array(trapSchema),
    parts: v.pipe(v.array(partSchema), v.minLength(1)),
  }),
  v.transform((file) => ({
    ...file,
    /** Whether the size is known to the byte. */
    exact: file.parts.every((part) => part.bytes !== null),
    /** Whether all checksums are known. */
    verified: file.parts.every((part) => part.sha256 !== null),
  })),
  v.check((file) => !file.exact || file.bytes === file.parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0), 'the parts are not as large as the file'),
);

const modelSchema = v.pipe(
  v.object({
    id,
    name: label,
    roles: v.pipe(v.array(modelRoleSchema), v.minLength(1)),
    /** `general.architecture` of its files. */
    architecture: id,
    parameters: v.object({ total: positive, active: positive }),
    contextSize: positive,
    layers: positive,
    attention: attentionSchema,
    /** Of all layers, as 16-bit floats. */
    kvBytesPerToken: positive,
    fim: v.boolean(),
    quirks: v.array(templateQuirkSchema),
    /** Ids of licences; those of the model that it was made from apply as well. */
    licences: v.pipe(v.array(id), v.minLength(1)),
    files: v.pipe(v.array(fileSchema), v.minLength(1), v.check((files) => new Set(files.map((file) => file.id)).size === files.length, 'a file is there twice')),
  }),
  v.check((model) => model.parameters.active <= model.parameters.total, 'more active parameters than there are'),
  v.check((model) => model.kvBytesPerToken === kvBytesPerToken(model), 'the KV cache is not what the layers keep'),
);

/** llama.cpp keeps the elements of each layer as 16-bit floats unless it is told otherwise. */
function kvBytesPerToken({ layers, attention }: { readonly layers: number; readonly attention: v.InferOutput<typeof attentionSchema> }): number {
  switch (attention.kind) {
    case 'heads':
      return layers * attention.kvHeads * (attention.keyLength + attention.valueLength) * 2;
    case 'latent':
      return layers * attention.keyLength * 2;
    case 'compressed':
      return attention.groups.reduce((sum, group) => sum + (group.layers * group.elements * 2) / group.ratio, 0);
    default:
      return assertNever(attention);
  }
}

export const catalogueSchema = v.pipe(
  v.object({ licences: v.array(licenceSchema), models: v.array(modelSchema) }),
  v.check(({ models }) => new Set(models.map((model) => model.id)).size === models.length, 'a model is there twice'),
  v.check(({ models, licences }) => models.every((model) => model.licences.every((name) => licences.some((licence) => licence.id === name))), 'a licence is not there'),
);
export type Catalogue = v.InferOutput<typeof catalogueSchema>;
export type CatalogueModel = Catalogue['models'][number];
export type CatalogueFile = CatalogueModel['files'][number];
