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
