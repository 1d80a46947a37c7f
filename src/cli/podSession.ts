import os from 'node:os';
import * as l10n from '@vscode/l10n';
import { linkSignals, throwIfAborted } from '../engine/base/async.js';
import { systemClock } from '../engine/base/clock.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { PodClient } from '../engine/client/podClient.js';
import type { EngineOptions, RoleOptions } from '../engine/protocol/engineTypes.js';
import type { Machine, PodStatus } from '../engine/protocol/podTypes.js';
import { podOptions } from '../host/engineOptions.js';
import { validateSettings } from '../host/settingsValidation.js';
import type { Terminal } from './answerPrinter.js';
import { type CommandContext, defaultOptions, withEngine } from './commandContext.js';
import { type LoadFlags, loadSetting } from './loadFlags.js';
import { findMachine, shortFingerprint } from './machineName.js';

/** Connects while a command runs, and hears the pod. What a window has configured stays, unless `options` are given. */
export function withPod<T>(context: CommandContext, options: EngineOptions | null, work: (engine: EngineClient) => Promise<T>): Promise<T> {
  return withEngine(context, options, async (engine) => {
    await engine.pod.watch(true);
    return work(engine);
  });
}

/** The settings' values for a chat model of the pod. */
export function podRole(file: string, flags: LoadFlags): RoleOptions {
  return podOptions(validateSettings((key) => loadSetting(key, flags)).settings, file, os.homedir());
}

/** The default options, and a model for the pod. */
export function withPodModel(root: string, pod: RoleOptions): EngineOptions {
  return { ...defaultOptions(root), pod };
}

/** Settles with the first status for which `enough` holds, or with the last one when the time is over. */
export async function statusWhen(pod: PodClient, enough: (status: PodStatus) => boolean, milliseconds: number, signal: AbortSignal): Promise<PodStatus | null> {
  const waiting = linkSignals(signal);
  const timer = systemClock.setTimeout(() => waiting.abort(), milliseconds);
  const heard = pod.onStatus((status) => {
    if (status !== null && enough(status)) waiting.abort();
  });
  try {
    if (pod.status === null || !enough(pod.status)) await aborted(waiting.signal);
    throwIfAborted(signal);
    return pod.status;
  } finally {
    heard.dispose();
    timer.dispose();
    waiting.dispose();
  }
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** How long machines have to show themselves: multicast answers and a greeting over a slow link. */
const appearMs = 4_000;

/** Waits for what is paired to have answered. */
export function machinesAnswered(pod: PodClient, signal: AbortSignal): Promise<PodStatus | null> {
  return statusWhen(pod, ({ machines }) => {
    const paired = machines.filter((machine) => machine.paired);
    return paired.length > 0 && paired.every(({ presence, link }) => presence === 'connected' && link !== null);
  }, appearMs, signal);
}

/** The machine that the user means; says on the terminal why there is none. */
export async function machineCalled(pod: PodClient, word: string, info: Terminal['info'], signal: AbortSignal): Promise<(Machine & { fingerprint: string }) | null> {
  const status = await statusWhen(pod, ({ machines }) => findMachine(machines, word).kind !== 'none', appearMs, signal);
  const found = findMachine(status?.machines ?? [], word);
  if (found.kind === 'one' && found.machine.fingerprint !== null) return { ...found.machine, fingerprint: found.machine.fingerprint };
  if (found.kind === 'several') {
    const choices = found.machines.map(({ fingerprint }) => shortFingerprint(fingerprint ?? '')).join(', ');
    info.write(`${l10n.t('Several machines are called {0}. Name one by its fingerprint: {1}', word, choices)}\n`);
  } else {
    const known = (status?.machines ?? []).map(({ name }) => name).join(', ');
    info.write(`${known === '' ? l10n.t('No machine {0} is known here, nor any other. Is it sharing ("seekpod pod share")? "seekpod pod doctor" looks for the cause; "seekpod pod add" takes an address.', word) : l10n.t('No machine {0} is known here. There are: {1}', word, known)}\n`);
  }
  return null;
}
