/** What an answer says that it contains (RFC 9110, 14.4). */
export interface ContentRange {
  /** First and last byte; `null` where the answer is that there is no such piece. */
  readonly piece: { readonly first: number; readonly last: number } | null;
  /** Bytes of the whole file; `null` where it is not said. */
  readonly total: number | null;
}

/** `null` for what is no such header. */
export function parseContentRange(value: string | null): ContentRange | null {
  const parts = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(value?.trim() ?? '');
  if (parts === null) return null;
  const total = parts[3] === '*' ? null : Number(parts[3]);
  if (parts[1] === undefined) return { piece: null, total };
  const piece = { first: Number(parts[1]), last: Number(parts[2]) };
  return piece.first > piece.last || (total !== null && piece.last >= total) ? null : { piece, total };
}
