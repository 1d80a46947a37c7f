import * as l10n from '@vscode/l10n';
import { DisposableStore } from '../engine/base/disposable.js';
import type { PodClient } from '../engine/client/podClient.js';
import { parseAddress } from '../engine/protocol/parseAddress.js';
import { LineReader } from './lineReader.js';
import { shortFingerprint } from './machineName.js';
import { PairingDialogs } from './pairingDialogs.js';
import type { CommandContext } from './commandContext.js';
import { machineCalled, withPod } from './podSession.js';

/** Pairs with a machine that is named by its name, fingerprint or address: both users compare six digits. @throws EngineError */
export function pair(context: CommandContext, word: string): Promise<number> {
  return withPod(context, null, async ({ pod }) => {
    const fingerprint = await fingerprintOf(context, pod, word);
    if (fingerprint === null) return 1;
    const { terminal: { out }, input, signal } = context;
    const store = new DisposableStore();
    try {
      store.add(new PairingDialogs(pod, out, store.add(new LineReader(input)), (pairing) => pairing.side === 'asking' && pairing.fingerprint === fingerprint));
      await pod.pair(fingerprint, signal);
    } finally {
      store.dispose();
    }
    out.write(`${l10n.t('Paired with {0}.', nameOf(pod, fingerprint))}\n`);
    return 0;
  });
}

/** Forgets a machine. @throws EngineError */
export function unpair(context: CommandContext, word: string): Promise<number> {
  return withPod(context, null, async ({ pod }) => {
    const machine = await machineCalled(pod, word, context.terminal.info, context.signal);
    if (machine === null) return 1;
    await pod.unpair(machine.fingerprint);
    context.terminal.out.write(`${l10n.t('{0} and this machine are no longer paired.', machine.name)}\n`);
    return 0;
  });
}

/** Adds a machine that multicast does not reach. @throws EngineError */
export function add(context: CommandContext, address: string): Promise<number> {
  return withPod(context, null, async ({ pod }) => {
    const fingerprint = await addressed(context, pod, address);
    if (fingerprint === null) return 1;
    const name = nameOf(pod, fingerprint);
    context.terminal.out.write(`${l10n.t('Added {0}, fingerprint {1}. Pair with it: seekpod pod pair {2}', name, fingerprint, shortFingerprint(fingerprint))}\n`);
    return 0;
  });
}

async function fingerprintOf(context: CommandContext, pod: PodClient, word: string): Promise<string | null> {
  // A name has no colon; `pod add` takes bare host names too.
  if (word.includes(':')) return addressed(context, pod, word);
  return (await machineCalled(pod, word, context.terminal.info, context.signal))?.fingerprint ?? null;
}

async function addressed({ terminal: { info }, signal }: CommandContext, pod: PodClient, text: string): Promise<string | null> {
  const address = parseAddress(text);
  if (address === null) {
    info.write(`${l10n.t('{0} is not an address. Give it as host:port.', text)}\n`);
    return null;
  }
  return pod.add(address, signal);
}

function nameOf(pod: PodClient, fingerprint: string): string {
  return pod.status?.machines.find((machine) => machine.fingerprint === fingerprint)?.name ?? shortFingerprint(fingerprint);
}
