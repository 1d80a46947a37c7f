import { Template } from '@huggingface/jinja';

/** What a thought is put in. */
const opening = /<think>\s*$/;
const closing = /(?:<think>\s*)?<\/think>\s*$/;

/**
 * What a model's chat template (Jinja) writes of a thought before the answer: `<think>\n` where the model shall think (DeepSeek-R1),
 * `</think>` where it shall not (DeepSeek-V3.1 as it comes), mostly nothing. A template that cannot be read says nothing.
 */
export function thoughtOpening(template: string, begin: string, end: string): string {
  try {
    const compiled = new Template(template);
    const facts = { messages: [{ role: 'user', content: 'question' }], bos_token: begin, eos_token: end };
    const prompt = compiled.render({ ...facts, add_generation_prompt: true });
    const asked = compiled.render({ ...facts, add_generation_prompt: false });
    const answer = prompt.startsWith(asked) ? prompt.slice(asked.length) : '';
    return closing.exec(answer)?.[0] ?? opening.exec(answer)?.[0] ?? '';
  } catch {
    return '';
  }
}
