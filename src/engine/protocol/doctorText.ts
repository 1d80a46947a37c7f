import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import type { DoctorFinding } from './podTypes.js';

/** A finding in words: what is the matter, and what to do about it where something is to be done. */
export interface DoctorText {
  readonly what: string;
  readonly advice: string | null;
}

/** What was looked at, as a short title. */
function title({ check, machine }: DoctorFinding): string {
  switch (check) {
    case 'library':
      return l10n.t('Library for remote layers');
    case 'multicast':
      return l10n.t('Finding machines (multicast)');
    case 'localNetworkPermission':
      return l10n.t('Permission for the local network');
    case 'vpn':
      return l10n.t('VPN routes');
    case 'port':
      return l10n.t('Port for sharing');
    case 'firewall':
      return machine === null ? l10n.t('Firewall') : l10n.t('Firewall of {0}', machine);
    case 'build':
      return machine === null ? l10n.t('Build') : l10n.t('Build of {0}', machine);
    case 'clock':
      return machine === null ? l10n.t('Clock') : l10n.t('Clock of {0}', machine);
    case 'machine':
      return machine ?? l10n.t('Machine');
    default:
      return assertNever(check);
  }
}

function advice(check: DoctorFinding['check']): string {
  switch (check) {
    case 'library':
      return l10n.t('Install a package of Seekpod for this platform, or build it with a C++ compiler at hand. Everything but the pod works without it.');
    case 'multicast':
      return l10n.t('Use a network that lets machines see each other: guest and company Wi-Fi often do not. Machines can also be added by their address with "Seekpod: Add a Machine…".');
    case 'localNetworkPermission':
      return l10n.t('Allow VS Code, or the terminal that runs Seekpod, in System Settings → Privacy & Security → Local Network, and start it again.');
    case 'vpn':
      return l10n.t('Turn the VPN off, or allow access to the local network in its settings.');
    case 'port':
      return l10n.t('Choose another port in the settings (seekpod.pod.port); 0 takes any that is free.');
    case 'firewall':
      return l10n.t('Allow incoming connections to the port of seekpod.pod.port in the firewall of the machine that is shared.');
    case 'build':
      return l10n.t('Install the same version of Seekpod on both machines.');
    case 'clock':
      return l10n.t('Let the system set its clock by the network. Pairings do not depend on it, but logs and files do.');
    case 'machine':
      return l10n.t('Is it on, awake, in the same network, and shared? A cable is faster and surer than Wi-Fi.');
    default:
      return assertNever(check);
  }
}

/** A finding of the doctor in the user's language. */
export function doctorText(finding: DoctorFinding): DoctorText {
  const name = title(finding);
  return {
    what: finding.detail === '' ? name : l10n.t('{0}: {1}', name, finding.detail),
    advice: finding.verdict === 'good' ? null : advice(finding.check),
  };
}
