export function rpcLibraryRecipe(target: string, options: { readonly cross: boolean }): string | null;
export function buildRpcLibrary(root: string, target: string, binaries: string, say: (text: string) => void): Promise<string>;
