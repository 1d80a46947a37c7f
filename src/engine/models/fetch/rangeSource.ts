/** A file elsewhere that can be read in pieces: on a server, or on a machine of the pod. */
export interface RangeSource {
  /** Where the bytes come from, for the user: a host's name or a machine's. */
  readonly from: string;
  /** Bytes of the file; `null` while the source has not said so. */
  readonly bytes: number | null;
  /** Whether pieces can be read at all; a source without can only be read from its start. */
  readonly ranges: boolean;
  /** The same as long as the file is, so that a later download can go on with what is there; absent where the source does not say. */
  readonly version?: string;
  /**
   * Bytes from `offset` on, `length` of them. What ends early is asked for again by the caller, from where it ended.
   * @throws EngineError `serverUnreachable`, `serverRefused`, `accessDenied`, `notOnServer`, `downloadBroken`, `machineUnreachable`, `fileRefused`, `cancelled`
   */
  read(offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Finds who else on the LAN has a file. */
export interface FileFinder {
  /**
   * The paired machines that have it and answer, the one with the fastest link first. Never fails: nobody is an answer.
   * @param bytes what the file must have; `null` where that is not known
   */
  find(sha256: string, bytes: number | null, signal: AbortSignal): Promise<readonly RangeSource[]>;
}
