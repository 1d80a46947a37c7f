const names = /^(?:\.env(?:\..*)?|\.npmrc|\.netrc|\.pgpass|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519)(?:\..*)?|credentials(?:\..*)?|secrets?(?:\..*)?)$/i;
const endings = /\.(?:env|pem|key|pfx|p12|jks|keystore|kdbx|ovpn|tfvars|tfstate)$/i;

/** Whether a file's name says that it keeps keys or passwords: its text must not turn up in suggestions elsewhere. */
export function mayHoldSecrets(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return names.test(name) || endings.test(name);
}
