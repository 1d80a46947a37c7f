import * as l10n from '@vscode/l10n';
import type { Failure, Role } from '../../../engine/base/errors.js';
import { failureText, formatBytes } from '../../../engine/protocol/failureText.js';
import type { ModelsStatus } from '../../../engine/protocol/modelTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';
import { downloadNode } from './downloadNodes.js';
import { installedNode } from './installedNodes.js';

/** All that the Models view shows comes from here. */
export interface ModelsFacts {
  readonly status: ModelsStatus | null;
  /** Why the status cannot be had. */
  readonly failure: Failure | null;
  /** What the settings use a file for. */
  readonly rolesOf: (path: string) => readonly Role[];
}

function diskNode({ freeDiskBytes, directory }: ModelsStatus): TreeNode {
  return treeNode('disk', l10n.t('Free disk space'), 'database', { description: formatBytes(freeDiskBytes), tooltip: l10n.t('Downloads are put into {0}', escapeMarkdown(directory)) });
}

/** The rows of the Models view; none where it is to show its welcome. */
export function modelsTree({ status, failure, rolesOf }: ModelsFacts): TreeNode[] {
  if (status === null) {
    if (failure === null) return [treeNode('connecting', l10n.t('Starting the engine…'), 'loading~spin')];
    const why = failureText(failure);
    return [treeNode('failure', why, 'error', { tone: 'bad', tooltip: escapeMarkdown(why) })];
  }
  const { installed, downloads } = status;
  if (downloads.length === 0 && installed.every(({ origin }) => origin === 'bundled')) return [];
  const sorted = installed.toSorted((a, b) => rolesOf(b.path).length - rolesOf(a.path).length || a.name.localeCompare(b.name));
  return [...downloads.map(downloadNode), ...sorted.map((model) => installedNode(model, rolesOf(model.path))), diskNode(status)];
}
