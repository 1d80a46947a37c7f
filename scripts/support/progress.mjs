/**
 * Says what goes on and how long it took, one line per step.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function step(title, action) {
  const begun = performance.now();
  process.stdout.write(`${title} … `);
  // In a log file or CI there is no line to stay on.
  if (!process.stdout.isTTY) process.stdout.write('\n');
  try {
    const value = await action();
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    console.log(process.stdout.isTTY ? `${seconds} s` : `${title}: done in ${seconds} s`);
    return value;
  } catch (error) {
    if (process.stdout.isTTY) console.log('failed');
    throw error;
  }
}
