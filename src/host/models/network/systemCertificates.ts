import tls from 'node:tls';

/** Certificates longer than this are none that a server would use. */
const maxCharacters = 65_536;

/**
 * The certificate authorities that the system trusts beyond those that Node brings along, PEM: companies put theirs there.
 * Node can tell since 22.15; before that the daemon has those of `NODE_EXTRA_CA_CERTS` alone.
 */
export function systemCertificates(): string[] {
  // The types are those of an older Node.
  const { getCACertificates } = tls as unknown as { readonly getCACertificates?: (type: 'system') => string[] };
  if (getCACertificates === undefined) return [];
  const own = new Set(tls.rootCertificates.map((certificate) => certificate.trim()));
  return getCACertificates('system').filter((certificate) => certificate.length <= maxCharacters && !own.has(certificate.trim()));
}
