import * as v from 'valibot';
import { licenceSchema, modelRoleSchema, sha256Schema, trapSchema } from '../../protocol/modelTypes.js';

const label = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const id = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What a chat with the model must heed; `modelText.ts` has the words. */
export const templateQuirkSchema = v.picklist([
  /** The answer has to begin with `<think>`, or the model may skip its reasoning. */
  'forcedThinking',
  /** Trained without a system prompt: instructions belong into the question. */
  'noSystemPrompt',
  /** Temperature 0.6 and top-p 0.95: greedy decoding makes it repeat itself. */
  'reasoningSampling',
  /** Thinks or not by what the answer begins with. */
  'hybridThinking',
  /** `### Instruction:` and `### Response:` instead of marks of the vocabulary. */
  'instructionMarks',
]);
export type TemplateQuirk = v.InferOutput<typeof templateQuirkSchema>;

/** What the KV cache keeps in each layer. */
const attentionSchema = v.variant('kind', [
  /** Keys and values of each head, in elements. */
  v.object({ kind: v.literal('heads'), kvHeads: positive, keyLength: positive, valueLength: positive }),
  /** Multi-head latent attention: one latent vector with its rotated part, of which the values are a part. */
  v.object({ kind: v.literal('latent'), keyLength: positive }),
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
  const elements = attention.kind === 'latent' ? attention.keyLength : attention.kvHeads * (attention.keyLength + attention.valueLength);
  return layers * elements * 2;
}

export const catalogueSchema = v.pipe(
  v.object({ licences: v.array(licenceSchema), models: v.array(modelSchema) }),
  v.check(({ models }) => new Set(models.map((model) => model.id)).size === models.length, 'a model is there twice'),
  v.check(({ models, licences }) => models.every((model) => model.licences.every((name) => licences.some((licence) => licence.id === name))), 'a licence is not there'),
);
export type Catalogue = v.InferOutput<typeof catalogueSchema>;
export type CatalogueModel = Catalogue['models'][number];
export type CatalogueFile = CatalogueModel['files'][number];
