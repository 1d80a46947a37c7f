import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { type PeerPurpose, peerProtocols } from '../../../protocol/peerMessages.js';
import { fingerprintOf } from '../identity/certificate.js';
import type { Identity } from '../identity/identity.js';

/** An encrypted connection to a machine that has proved to hold the key with this fingerprint. */
export interface PeerConnection {
  readonly purpose: PeerPurpose;
  readonly fingerprint: string;
  readonly socket: TLSSocket;
}

/** Silence on a connection after which the system asks whether the other end is still there. */
export const keepAliveMs = 10_000;

/** What both ends ask of TLS: version 1.3 and the own key. Whether the other's key is the right one is decided after the handshake, by its fingerprint. */
export function secureOptions(identity: Identity): SecureContextOptions & { readonly rejectUnauthorized: false } {
  return { key: identity.privateKey, cert: identity.certificate, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false };
}

/** What a finished handshake has shown: the purpose that both named and the key that the other end holds; `null` when one is missing. */
export function connectionOf(socket: TLSSocket): PeerConnection | null {
  const purpose = purposes.find((name) => peerProtocols[name] === socket.alpnProtocol);
  const certificate = socket.getPeerX509Certificate();
  // In a resumed session the other end has not proved anew that it holds the key.
  if (purpose === undefined || certificate === undefined || socket.isSessionReused()) return null;
  try {
    return { purpose, fingerprint: fingerprintOf(certificate.raw), socket };
  } catch {
    // TLS takes more kinds of keys than Node can read.
    return null;
  }
}

const purposes: readonly PeerPurpose[] = ['pair', 'control', 'layers', 'link', 'file'];
