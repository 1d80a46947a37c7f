import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Logger } from '../../engine/base/logger.js';
import type { PodClient } from '../../engine/client/podClient.js';
import { parseAddress } from '../../engine/protocol/parseAddress.js';
import type { Machine } from '../../engine/protocol/podTypes.js';
import { notificationText } from '../notificationText.js';
import { reportFailure } from '../reportFailure.js';
import { writeSetting } from '../settings.js';
import type { SettingsReader } from '../settingsReader.js';
import { withCancel } from '../withCancel.js';
import { askToPair } from './pairing/askToPair.js';
import { type KnownMachine, pickMachine } from './pickMachine.js';
import type { PodDoctor } from './podDoctor.js';
import type { PodModel } from './podModel.js';
import { machineOf, pairingOf } from './tree/podRows.js';
import type { PodPresence } from './podPresence.js';
import type { PodState } from './podState.js';

export interface PodCommandDeps {
  readonly pod: PodClient;
  readonly state: PodState;
  readonly settings: SettingsReader;
  readonly presence: PodPresence;
  readonly model: PodModel;
  readonly doctor: PodDoctor;
  readonly log: Logger;
}

/** The commands of the pod, for the palette and for the rows of its view, which hand over their ids. */
export function registerPodCommands(deps: PodCommandDeps): Disposable {
  const { pod, state, settings, presence, model, doctor, log } = deps;
  const store = new DisposableStore();
  const register = (id: string, action: (argument: unknown) => Promise<void>): void => {
    store.add(vscode.commands.registerCommand(id, (argument: unknown) => reportFailure(log, () => action(argument))));
  };
  const known = (fingerprint: string): KnownMachine => ({ fingerprint, name: state.facts.status?.machines.find((machine) => machine.fingerprint === fingerprint)?.name ?? fingerprint.slice(0, 8) });
  const machineFor = async (row: unknown, title: string, suits: (machine: Machine) => boolean): Promise<KnownMachine | undefined> => {
    const fingerprint = machineOf(row);
    return fingerprint === undefined ? pickMachine(state, title, vscode.l10n.t('Which machine?'), suits) : known(fingerprint);
  };
  const answer = async (row: unknown, equal: boolean): Promise<void> => {
    const open = (state.facts.status?.pairings ?? []).filter(({ state: now }) => now === 'compare');
    // VS Code forgets the row of an action for a moment while it redraws the tree; a single pairing needs no telling which.
    const id = pairingOf(row) ?? (open.length === 1 ? open[0]?.id : undefined);
    if (id !== undefined) await pod.confirmPairing(id, equal);
  };

  register('seekpod.pod.share', async () => {
    await writeSetting('pod.share', true);
    await presence.apply();
  });
  register('seekpod.pod.stopSharing', async () => {
    await writeSetting('pod.share', false);
    await presence.apply();
    // It may be shared by the terminal, which the settings do not know.
    await pod.share(null);
  });
  register('seekpod.pod.pair', async (row) => {
    const machine = await machineFor(row, vscode.l10n.t('Pair with a machine'), ({ paired }) => !paired);
    if (machine !== undefined) await askToPair(deps, machine.fingerprint, machine.name);
  });
  register('seekpod.pod.unpair', async (row) => {
    const machine = await machineFor(row, vscode.l10n.t('Unpair a machine'), ({ paired }) => paired);
    if (machine !== undefined) await unpair(pod, machine);
  });
  register('seekpod.pod.confirmPairing', (row) => answer(row, true));
  register('seekpod.pod.rejectPairing', (row) => answer(row, false));
  register('seekpod.pod.addMachine', () => addMachine(deps));
  register('seekpod.pod.runModel', (path) => model.consider(typeof path === 'string' ? path : undefined));
  register('seekpod.pod.load', () => model.load());
  register('seekpod.pod.discardPlan', async () => model.discard());
  register('seekpod.pod.stop', () => model.stop());
  register('seekpod.pod.doctor', () => doctor.run());
  register('seekpod.pod.rename', () => rename(settings, presence));
  return store;
}

async function unpair(pod: PodClient, { fingerprint, name }: KnownMachine): Promise<void> {
  const forget = vscode.l10n.t('Unpair');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Unpair {0}?', name),
    { modal: true, detail: vscode.l10n.t('Its connections end at once. To use it again, pair it again.') },
    forget,
  );
  if (chosen === forget) await pod.unpair(fingerprint);
}

async function addMachine(deps: PodCommandDeps): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add a machine'),
    prompt: vscode.l10n.t('Name or IP address of a machine that is shared, with its port unless it is the usual one'),
    placeHolder: '192.168.1.20:47613',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' || parseAddress(value) !== null ? undefined : vscode.l10n.t('Write a host name or an IP address, and perhaps a colon and a port from 1 to 65535.')),
  });
  const address = text === undefined ? null : parseAddress(text);
  if (address === null) return;
  const { pod, state } = deps;
  await state.whileHeld(async () => {
    const fingerprint = await withCancel(vscode.l10n.t('Connecting to {0}', address.host), (signal) => pod.add(address, signal));
    const machine = state.facts.status?.machines.find((candidate) => candidate.fingerprint === fingerprint);
    if (machine?.paired === true) return;
    const pair = vscode.l10n.t('Pair…');
    const name = machine?.name ?? address.host;
    const chosen = await vscode.window.showInformationMessage(notificationText(vscode.l10n.t('{0} is there. Pair it to use it.', name)), pair);
    if (chosen === pair) await askToPair(deps, fingerprint, name);
  });
}

async function rename(settings: SettingsReader, presence: PodPresence): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rename this machine'),
    prompt: vscode.l10n.t('The name by which other machines know this one. Empty takes the host name.'),
    value: settings.current.pod.name,
    validateInput: (value) => (value.trim().length > 128 ? vscode.l10n.t('At most {0} characters.', 128) : undefined),
  });
  if (name === undefined) return;
  await writeSetting('pod.name', name.trim() === '' ? undefined : name.trim());
  await presence.apply();
}
