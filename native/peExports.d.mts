export function peExports(file: Buffer): string[];
