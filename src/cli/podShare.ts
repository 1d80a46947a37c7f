import * as l10n from '@vscode/l10n';
import { systemClock } from '../engine/base/clock.js';
import { DisposableStore } from '../engine/base/disposable.js';
import { linkSignals } from '../engine/base/async.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { PodStatus, ShareOptions } from '../engine/protocol/podTypes.js';
import { shareOptions } from '../host/pod/shareOptions.js';
import type { SettingKey } from '../host/settingsTable.js';
import { validateSettings } from '../host/settingsValidation.js';
import { LineReader } from './lineReader.js';
import { PairingDialogs } from './pairingDialogs.js';
import { sharingChanges } from './podChanges.js';
import type { CommandContext } from './commandContext.js';
import { aborted, withPod } from './podSession.js';

/** A lost daemon is started again after this time, so that one that cannot run is not started in a loop without end. */
const againMs = 1_000;
/** Nothing shared for longer than this is somebody's wish. */
const portChangeMs = 1_000;

/** What is left out is as the settings of a window have it by default. */
export interface ShareFlags {
  /** Gigabytes. */
  readonly memory?: number;
  readonly cpu?: boolean;
  readonly only?: readonly string[];
  readonly port?: number;
  /** Gigabytes. */
  readonly cache?: number;
  readonly name?: string;
}

/** Lends this machine until Ctrl+C: prints what it lends and who uses it, and asks about pairings. Answers the exit code. @throws EngineError */
export function share(context: CommandContext, flags: ShareFlags): Promise<number> {
  return withPod(context, null, async (engine) => {
    if (flags.name !== undefined) await engine.pod.rename(flags.name);
    await engine.pod.share(optionsOf(flags));
    try {
      // What was heard may be from before: this machine may have been shared in another way.
      await engine.pod.watch(true);
      return await reportSharing(context, engine);
    } finally {
      await engine.pod.share(null);
      // Ends the engine too, unless somebody else uses it: this command leaves nothing behind.
      await engine.shutdown();
    }
  });
}

function optionsOf({ memory, cpu, only, port, cache }: ShareFlags): ShareOptions | null {
  const values: Partial<Record<SettingKey, unknown>> = {
    'pod.share': true,
    'pod.shareMemoryGb': memory,
    'pod.shareCpu': cpu,
    'pod.shareOnlyWith': only,
    'pod.port': port,
    'pod.cacheGb': cache,
  };
  return shareOptions(validateSettings((key) => values[key]).settings);
}

/** Settles when sharing is over: 0 after Ctrl+C, 1 when it does not work or somebody else has stopped it. */
async function reportSharing({ terminal: { out }, input, signal }: CommandContext, { pod }: EngineClient): Promise<number> {
  const store = new DisposableStore();
  const over = store.add(linkSignals(signal));
  let seen: PodStatus | null = null;
  let code = 0;
  const endIfOff = (): void => {
    if (pod.status?.sharing.state !== 'off' || over.signal.aborted) return;
    out.write(`${l10n.t('This machine is no longer shared: a window or another terminal has stopped it.')}\n`);
    code = 1;
    over.abort();
  };
  const see = (status: PodStatus | null): void => {
    if (status === null) {
      store.add(systemClock.setTimeout(() => void pod.watch(true).catch(() => see(null)), againMs));
      return;
    }
    // While the port changes nothing is shared for a moment.
    if (status.sharing.state === 'off') store.add(systemClock.setTimeout(endIfOff, portChangeMs));
    for (const line of sharingChanges(seen, status)) out.write(`${line}\n`);
    seen = status;
    if (status.sharing.state === 'failed') {
      code = 1;
      over.abort();
    }
  };
  try {
    store.add(new PairingDialogs(pod, out, store.add(new LineReader(input)), ({ side }) => side === 'asked'));
    store.add(pod.onStatus(see));
    see(pod.status);
    await aborted(over.signal);
    return code;
  } finally {
    store.dispose();
  }
}
