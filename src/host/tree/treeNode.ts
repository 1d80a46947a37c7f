/** A row of one of our tree views as plain data: everything that is seen, heard or done there. */
export interface TreeNode {
  /** Stays the same while the row means the same thing. */
  readonly id: string;
  readonly label: string;
  /** Beside the label, dimmed. */
  readonly description: string;
  /** A codicon, with `~spin` where something is under way. */
  readonly icon: string;
  readonly tone: 'plain' | 'good' | 'warning' | 'bad';
  /** Markdown; what comes from elsewhere is escaped. */
  readonly tooltip: string;
  /** The row for screen readers. */
  readonly spoken: string;
  /** Decides which inline actions package.json puts on the row. */
  readonly context: string;
  /** What selecting the row runs. */
  readonly command: readonly [id: string, ...args: readonly unknown[]] | null;
  readonly children: readonly TreeNode[];
}

/** A row with what it needs beyond its label. The spoken text is made of label and description unless it is given. */
export function treeNode(id: string, label: string, icon: string, rest: Partial<Omit<TreeNode, 'id' | 'label' | 'icon'>> = {}): TreeNode {
  const description = rest.description ?? '';
  return {
    tone: 'plain',
    tooltip: '',
    spoken: description === '' ? label : `${label}, ${description}`,
    context: '',
    command: null,
    children: [],
    ...rest,
    id,
    label,
    icon,
    description,
  };
}
