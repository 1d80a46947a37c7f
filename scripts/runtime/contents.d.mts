export function contentProblems(files: readonly string[], packages: readonly string[]): string[];
