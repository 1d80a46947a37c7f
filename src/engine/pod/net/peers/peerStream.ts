import type { Socket } from 'node:net';

/** What the ends of a lease need of a connection between machines: who is there, and bytes both ways. */
export interface PeerStream {
  readonly fingerprint: string;
  readonly socket: Socket;
}
