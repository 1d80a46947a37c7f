import type { Address } from '../../../protocol/podTypes.js';

export function sameAddress(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port;
}

/** The addresses with this one before the others, and nowhere else. */
export function addressFirst(first: Address, others: readonly Address[]): Address[] {
  return [first, ...others.filter((other) => !sameAddress(first, other))];
}

/** Each address once, in the order of the first mentions. */
export function distinctAddresses(addresses: readonly Address[]): Address[] {
  return addresses.filter((address, index) => addresses.findIndex((other) => sameAddress(address, other)) === index);
}
