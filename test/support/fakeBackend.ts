import type { ModelInfo } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import type { InferenceBackend, LoadedModel, LoadEvents, RoleContext, Sequence, Tokens, Vocabulary } from '../../src/engine/worker/inferenceBackend.js';

/** Token ids are character codes; the special tokens are 1 to 4. */
const vocabulary: Vocabulary = {
  begin: 1,
  fim: { begin: 2, hole: 3, end: 4 },
  tokenize: (text) => Array.from(text, (character) => character.codePointAt(0) ?? 0),
  textOf: (tokens) => String.fromCodePoint(...tokens),
  chatPrompt: (turns) => ({ tokens: [1, ...vocabulary.tokenize(turns.map(({ text }) => text).join('\n'))], stopTokens: new Set(), stopTexts: [], opened: '' }),
};

/** In place of llama.cpp: says what the test tells it to, one character a step. */
export class FakeBackend implements InferenceBackend {
  says = 'hello';
  loads: LoadParams[] = [];
  loading: (onProgress: (progress: number) => void, signal: AbortSignal) => Promise<void> = async () => undefined;
  /** Called before each step. */
  step: () => Promise<void> = async () => undefined;
  steps = 0;
  evaluated = 0;

  async load(params: LoadParams, { progress }: LoadEvents, signal: AbortSignal): Promise<LoadedModel> {
    this.loads.push(params);
    await this.loading(progress, signal);
    const context = (wanted: LoadParams['chat']): RoleContext | null =>
      wanted && { info: this.#info(params), batchSize: 64, sequences: Array.from({ length: wanted.slots }, () => this.#sequence()) };
    return {
      layerDevices: null,
      reduced: false,
      wrongRole: null,
      vocabulary,
      roles: { completion: context(params.completion), chat: context(params.chat) },
      counters: () => ({ decodeSteps: this.steps, evaluatedTokens: this.evaluated }),
    };
  }

  #info({ model }: LoadParams): ModelInfo {
    return {
      name: 'fake', path: model.path, architecture: 'fake', fileBytes: 1, contextSize: 512, layers: 1, gpuLayers: 0, gpu: 'cpu', threads: 1, remoteMachines: 0,
      fim: true, kvType: 'f16', lora: [], memoryBytes: { ram: 1, vram: 0 },
    };
  }

  #sequence(): Sequence {
    let cached: Tokens = [];
    return {
      keepPrefix: async (tokens) => {
        const different = tokens.findIndex((token, index) => cached[index] !== token);
        cached = tokens.slice(0, different < 0 ? Math.min(tokens.length, cached.length) : different);
        return cached.length;
      },
      evaluate: async (tokens) => {
        this.evaluated += tokens.length;
        cached = [...cached, ...tokens];
      },
      generate: async function* (this: FakeBackend, tokens: Tokens, _sampling: unknown, startsWith: string): AsyncGenerator<number, void, void> {
        cached = [...cached, ...tokens];
        for (const token of vocabulary.tokenize(startsWith + this.says)) {
          await this.step();
          this.steps++;
          yield token;
        }
      }.bind(this),
    };
  }
}
