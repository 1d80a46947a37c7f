/** A pure function that remembers its last `capacity` results, the most recently asked ones. */
export function remembering<T>(compute: (key: string) => T, capacity: number): (key: string) => T {
  const results = new Map<string, T>();
  return (key) => {
    const known = results.has(key);
    const value = known ? (results.get(key) as T) : compute(key);
    // A map keeps the order of insertion: what was asked last goes to the end.
    results.delete(key);
    results.set(key, value);
    if (results.size > capacity) results.delete(results.keys().next().value ?? key);
    return value;
  };
}
