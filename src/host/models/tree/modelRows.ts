const modelPrefix = 'model:';
const downloadPrefix = 'download:';

/** Ids of rows that inline actions are about; the commands read them back. */
export const modelRow = (id: string): string => modelPrefix + id;
export const downloadRow = (id: string): string => downloadPrefix + id;

/** The installed model whose row an action was pressed on; undefined for a call from the palette or anything else. */
export function modelOf(row: unknown): string | undefined {
  return typeof row === 'string' && row.startsWith(modelPrefix) ? row.slice(modelPrefix.length) : undefined;
}

/** The download whose row an action was pressed on. */
export function downloadOf(row: unknown): string | undefined {
  return typeof row === 'string' && row.startsWith(downloadPrefix) ? row.slice(downloadPrefix.length) : undefined;
}
