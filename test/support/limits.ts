/**
 * How long may pass, in milliseconds, until a loss is noticed, until a machine that is no longer paired is cut off, and until an answer
 * goes on. On a machine that has nothing else to do it is a third of that, which is what is promised; here it tells what happens at once
 * from what another limit brings about later.
 */
export const noticedMs = 9_000;
export const cutMs = 3_000;
export const goesOnMs = 45_000;
