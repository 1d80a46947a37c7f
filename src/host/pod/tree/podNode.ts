/** A row of the Pod view as plain data: everything that is seen, heard or done there. */
export interface PodNode {
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
  readonly children: readonly PodNode[];
}

/** A row with what it needs beyond its label. The spoken text is made of label and description unless it is given. */
export function podNode(id: string, label: string, icon: string, rest: Partial<Omit<PodNode, 'id' | 'label' | 'icon'>> = {}): PodNode {
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

const machinePrefix = 'machine:';
const pairingPrefix = 'pairing:';

/** Ids of rows that inline actions are about; the commands read them back. */
export const machineRow = (fingerprint: string): string => machinePrefix + fingerprint;
export const pairingRow = (id: string): string => pairingPrefix + id;

/** The machine whose row an action was pressed on; undefined for a call from the palette or anything else. */
export function machineOf(row: unknown): string | undefined {
  return typeof row === 'string' && row.startsWith(machinePrefix) ? row.slice(machinePrefix.length) : undefined;
}

/** The pairing whose row an action was pressed on. */
export function pairingOf(row: unknown): string | undefined {
  return typeof row === 'string' && row.startsWith(pairingPrefix) ? row.slice(pairingPrefix.length) : undefined;
}
