import type { Failure, FailureCode } from '../../../base/errors.js';
import type { Link } from '../../../protocol/podTypes.js';

/** About what one token of a large model sends over a link, both ways, in bytes. */
const hopBytes = 64 * 1_024;

/** The connection that costs a token the least time; `null` of none. */
export function bestLink(links: readonly Link[]): Link | null {
  const cost = ({ roundTrip, throughput }: Link): number => (throughput > 0 ? roundTrip + hopBytes / throughput : Infinity);
  return links.reduce<Link | null>((best, link) => (best === null || cost(link) < cost(best) ? link : best), null);
}

/** What one learns of why an address did not lead to the machine; an address that is simply dead tells the least. */
const tellingOrder: readonly FailureCode[] = ['notPaired', 'keyChanged', 'connectionLost', 'machineUnreachable', 'cancelled'];

/** Of what went wrong at several addresses of one machine, what the user should know. */
export function mostTelling(failures: readonly Failure[]): Failure {
  const rank = ({ code }: Failure): number => (tellingOrder.includes(code) ? tellingOrder.indexOf(code) : -1);
  return failures.toSorted((a, b) => rank(a) - rank(b))[0] ?? { code: 'internal', reason: 'nothing went wrong' };
}
