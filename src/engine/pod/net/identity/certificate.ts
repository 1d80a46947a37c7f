import { createHash, webcrypto, X509Certificate } from 'node:crypto';

/** A key pair in the form that TLS wants, both PEM. */
export interface KeyAndCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

// Not Ed25519: BoringSSL, which is in the Electron that runs the daemon, does not offer it for certificates.
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A new key with a certificate that it signed itself. The key is what is pinned, so the certificate names nobody and never ends (RFC 5280, 4.1.2.5). */
export async function makeCertificate(): Promise<KeyAndCertificate> {
  // Needed once in the life of a machine, so not read at every start.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=seekpod',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('9999-12-31T23:59:59Z'),
  });
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { privateKey: pem('PRIVATE KEY', privateKey), certificate: certificate.toString('pem') };
}

/** SHA-256 of the public key (SubjectPublicKeyInfo) in a certificate, in lower-case hexadecimal. @param certificate DER or PEM */
export function fingerprintOf(certificate: Uint8Array | string): string {
  return createHash('sha256').update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })).digest('hex');
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
