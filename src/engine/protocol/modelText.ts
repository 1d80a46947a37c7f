import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import { formatBytes } from './failureText.js';
import type { Fit, InstalledModel, ModelRole, TemplateQuirk, Trap } from './modelTypes.js';

// Models in the user's language, for the views and the terminal alike.

/** What a model is for, as one word. */
export function roleText(role: ModelRole): string {
  switch (role) {
    case 'completion':
      return l10n.t('completion');
    case 'chat':
      return l10n.t('chat');
    case 'reasoning':
      return l10n.t('reasoning');
    default:
      return assertNever(role);
  }
}

/** A trap of a model's file in a few words, for a list. */
export function trapLabel(trap: Trap): string {
  switch (trap) {
    case 'oldTokenizer':
      return l10n.t('old tokenizer');
    case 'fullAttentionCache':
      return l10n.t('large KV cache');
    case 'noFimTokens':
      return l10n.t('no fill-in-the-middle');
    case 'noChatTemplate':
      return l10n.t('no chat template');
    case 'unverified':
      return l10n.t('checksum not confirmed');
    default:
      return assertNever(trap);
  }
}

/** What a trap means, and what to do about it. */
export function trapText(trap: Trap): string {
  switch (trap) {
    case 'oldTokenizer':
      return l10n.t('The file was converted before llama.cpp knew the tokenizer of the model, so it reads other tokens than it was trained with and answers worse. Take a newer conversion.');
    case 'fullAttentionCache':
      return l10n.t('The file was converted before llama.cpp knew latent attention: its KV cache takes many times the memory. Take a newer conversion, or a smaller context.');
    case 'noFimTokens':
      return l10n.t('The vocabulary has no fill-in-the-middle tokens, so the model cannot complete code. Take a base or coder model for completion.');
    case 'noChatTemplate':
      return l10n.t('The file has no chat template, so a usual one is taken, and answers may be worse or not end. Take a newer conversion.');
    case 'unverified':
      return l10n.t('Nobody has confirmed a checksum of this file, so it can be checked for its length alone. Take models from addresses that you trust.');
    default:
      return assertNever(trap);
  }
}

/** What a chat with a model must heed, in one sentence. */
export function quirkText(quirk: TemplateQuirk): string {
  switch (quirk) {
    case 'forcedThinking':
      return l10n.t('It reasons before every answer, which takes time and tokens.');
    case 'hybridThinking':
      return l10n.t('It reasons before an answer or not, as its chat template says.');
    case 'noSystemPrompt':
      return l10n.t('It was trained without a system prompt: what it should heed goes into the question.');
    case 'reasoningSampling':
      return l10n.t('It is made for a temperature of about 0.6 and top-p 0.95; a temperature of 0 makes it repeat itself.');
    case 'instructionMarks':
      return l10n.t('Its chat format marks questions by plain words ("### Instruction:"), which a question should not have.');
    default:
      return assertNever(quirk);
  }
}

/** Whether a model can run here, in a few words. */
export function verdictText(verdict: Fit['verdict']): string {
  switch (verdict) {
    case 'fits':
      return l10n.t('fits');
    case 'smallerContext':
      return l10n.t('fits with smaller context');
    case 'pod':
      return l10n.t('fits with the pod');
    case 'tooLarge':
      return l10n.t('too large');
    default:
      return assertNever(verdict);
  }
}

/** `8192 tokens, f16`: what the figures of a fit are for. */
export function cacheText({ contextSize, kvType }: Fit): string {
  return l10n.t('{0} tokens, {1}', contextSize, kvType);
}

/** The verdict, and the context where it is not the one that was asked for. */
export function verdictWithContext(fit: Fit): string {
  return fit.verdict === 'smallerContext' ? `${verdictText(fit.verdict)} (${cacheText(fit)})` : verdictText(fit.verdict);
}

/** What is known of a file's checksum. */
export function checksumText(checksum: InstalledModel['checksum']): string {
  switch (checksum) {
    case 'matches':
      return l10n.t('verified');
    case 'differs':
      return l10n.t('differs from the published checksum');
    case 'unconfirmed':
      return l10n.t('hashed, but no checksum is published to compare it with');
    case 'unchecked':
      return l10n.t('not verified yet');
    default:
      return assertNever(checksum);
  }
}

/** Where a model on this machine came from. */
export function originText(origin: InstalledModel['origin']): string {
  switch (origin) {
    case 'bundled':
      return l10n.t('comes with Seekpod');
    case 'downloaded':
      return l10n.t('downloaded');
    case 'imported':
      return l10n.t('imported');
    default:
      return assertNever(origin);
  }
}

/** What figures are based on. */
export function basisText(basis: Fit['basis']): string {
  switch (basis) {
    case 'catalogue':
      return l10n.t('estimated from the catalogue');
    case 'repository':
      return l10n.t('estimated from another file of the repository');
    case 'header':
      return l10n.t('computed from the file');
    case 'measured':
      return l10n.t('measured on this machine');
    default:
      return assertNever(basis);
  }
}

const gibibyte = 1_024 ** 3;

/** A size in both units, since hubs count in GB and machines have GiB: `4.7 GB (4.4 GiB)`. Small ones, and 0 for unknown, are told in one. */
export function sizeText(bytes: number): string {
  if (bytes === 0) return l10n.t('size unknown');
  if (bytes < gibibyte / 10) return formatBytes(bytes);
  const gib = bytes / gibibyte;
  return l10n.t('{0} ({1} GiB)', formatBytes(bytes), gib >= 100 ? Math.round(gib) : gib.toFixed(1));
}

/** Parameters as people name models by them: `6.7B`, `671B (37B active)`. */
export function parametersText({ total, active }: { readonly total: number; readonly active: number }): string {
  if (total === 0) return l10n.t('parameters unknown');
  return active === total || active === 0 ? billions(total) : l10n.t('{0} ({1} active)', billions(total), billions(active));
}

function billions(parameters: number): string {
  if (parameters >= 1e12) return `${(parameters / 1e12).toFixed(1)}T`;
  if (parameters < 1e9) return `${Math.round(parameters / 1e6)}M`;
  const value = parameters / 1e9;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)}B`;
}
