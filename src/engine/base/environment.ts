/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable by its name in capitals; `null` where it is not set or empty. Those of proxies are in use in small letters too, which come first, as in curl. */
export function variable(env: Environment, name: string): string | null {
  return env[name.toLowerCase()]?.trim() || env[name]?.trim() || null;
}

/** The address of a proxy. Many write it as `host:port`. */
export function proxyVariable(env: Environment, name: string): string | null {
  const named = variable(env, name);
  return named === null || /^\w+:\/\//.test(named) ? named : `http://${named}`;
}
