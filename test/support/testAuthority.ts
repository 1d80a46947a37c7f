import { webcrypto } from 'node:crypto';

/** A certificate authority that no system knows, and a server's key with a certificate of it for loopback. All PEM. */
export interface TestAuthority {
  readonly authority: string;
  readonly key: string;
  readonly certificate: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2099-12-31') };

/** @param names host names and IP addresses that the server's certificate is for. */
export async function newAuthority(names: readonly string[] = ['localhost', '127.0.0.1']): Promise<TestAuthority> {
  await import('reflect-metadata');
  const { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } = await import('@peculiar/x509');
  const newKeys = async (): Promise<CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ours = await newKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=An authority of the tests',
    keys: ours,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    ...validity,
  });
  const theirs = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=hub',
    issuer: authority.subject,
    publicKey: theirs.publicKey,
    signingKey: ours.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' as const : 'dns' as const, value })))],
    ...validity,
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', theirs.privateKey)).toString('base64');
  return {
    authority: authority.toString('pem'),
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`,
  };
}
