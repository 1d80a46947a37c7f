import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import { shareAdvice } from './failureAdvice.js';
import type { DoctorFinding } from './podTypes.js';
import { type Surface, wordsFor } from './surface.js';

/** A finding in words: what is the matter in one sentence, and what to do about it where something is to be done. */
export interface DoctorText {
  readonly what: string;
  readonly advice: string | null;
}

/** Says what the doctor found, and what to do about it. What each verdict of a check means is said in `pod/core/doctor/diagnosis.ts`. */
export function doctorText(finding: DoctorFinding, surface: Surface = 'editor'): DoctorText {
  const { detail } = finding;
  const machine = finding.machine ?? l10n.t('The other machine');
  switch (finding.check) {
    case 'library':
      return finding.verdict === 'good'
        ? fine(l10n.t('The library for remote layers is there ({0}).', detail))
        : { what: l10n.t('The library for remote layers is missing: {0}', detail), advice: l10n.t('Install a package of Seekpod for this platform, or build with a C++ compiler at hand. Everything but the pod works without it.') };
    case 'multicast':
      return multicastText(finding, machine, surface);
    case 'localNetworkPermission':
      return finding.verdict === 'good'
        ? fine(l10n.t('macOS lets Seekpod use the local network.'))
        : {
            what: finding.verdict === 'bad' ? l10n.t('macOS keeps Seekpod off the local network ({0}).', detail) : l10n.t('macOS may keep Seekpod off the local network ({0}).', detail),
            advice: l10n.t('Open System Settings, Privacy & Security, Local Network, and turn on Visual Studio Code (or your terminal). If it is on already, turn it off and on again, then quit and reopen the application; after an update a restart of the Mac may be needed.'),
          };
    case 'vpn':
      return vpnText(finding, machine);
    case 'port':
      return portText(finding, machine, surface);
    case 'firewall':
      if (finding.verdict === 'warning') return { what: l10n.t('Rules of this machine forbid connections to {0} ({1}).', machine, detail), advice: l10n.t('Allow outgoing connections for Seekpod in this machine\'s firewall or security program.') };
      return {
        what: l10n.t('{0} is on, but a firewall drops connections to {1}.', machine, detail),
        advice: l10n.t('Allow incoming connections for Seekpod there. macOS: System Settings, Network, Firewall, Options: allow "Code" or "node". Windows: allow Visual Studio Code or Node.js in private networks. Linux: open the TCP port, and UDP 5353 for discovery. A fixed port can be set with {0}.', wordsFor(surface)('seekpod.pod.port', '--port')),
      };
    case 'build':
      return finding.verdict === 'good'
        ? fine(l10n.t('{0} has the same build as this machine ({1}).', machine, detail))
        : { what: l10n.t('{0} has another build than this machine ({1}).', machine, detail), advice: l10n.t('Install the same version of Seekpod on both machines.') };
    case 'clock':
      return finding.verdict === 'good'
        ? fine(l10n.t('The clock of {0} agrees with this machine\'s.', machine))
        : { what: l10n.t('The clock of {0} differs from this machine\'s by {1} seconds.', machine, detail), advice: l10n.t('Turn on setting the time automatically on both machines. The pod works nevertheless, but times in logs and the expiry of pairings are hard to follow.') };
    case 'machine':
      return machineText(finding, machine, surface);
    default:
      return assertNever(finding.check);
  }
}

function addCommand(surface: Surface): string {
  return wordsFor(surface)(l10n.t('"Seekpod: Add a Machine…"'), '"seekpod pod add HOST:PORT"');
}

function fine(what: string): DoctorText {
  return { what, advice: null };
}

function multicastText({ verdict, detail }: DoctorFinding, machine: string, surface: Surface): DoctorText {
  switch (verdict) {
    case 'good':
      return fine(l10n.t('Machines can find each other by multicast ({0}).', detail));
    case 'warning':
      return {
        what: l10n.t('{0} answers at {1}, but its multicast does not arrive here.', machine, detail),
        advice: l10n.t('The pod works with its address. To have machines found by themselves, turn off "client isolation" or multicast filtering at the access point or switch, and allow UDP port 5353 in the firewalls.'),
      };
    case 'bad':
      return {
        what: l10n.t('This machine cannot use multicast, so machines do not find each other: {0}', detail),
        advice: l10n.t('Connect it to the network by cable or Wi-Fi, and allow UDP port 5353 in its firewall. Or add machines by their address ({0}).', addCommand(surface)),
      };
    case 'unknown':
      return {
        what: l10n.t('Multicast works on this machine ({0}), and no other machine answered.', detail),
        advice: l10n.t('If one is being shared in this network, the network filters multicast: turn off "client isolation" at the access point, or add the machine by its address ({0}).', addCommand(surface)),
      };
    default:
      return assertNever(verdict);
  }
}

function vpnText({ verdict, detail }: DoctorFinding, machine: string): DoctorText {
  switch (verdict) {
    case 'bad':
      return {
        what: l10n.t('Connections to {0} go into a VPN ({1}) instead of the local network.', machine, detail),
        advice: l10n.t('Pause the VPN, or allow local network access in its settings ("allow LAN", "split tunnelling").'),
      };
    case 'warning':
      return { what: l10n.t('A VPN ({0}) carries this machine\'s traffic.', detail), advice: l10n.t('If machines are not found or reached, pause it or allow local network access in its settings.') };
    case 'good':
    case 'unknown':
      return fine(l10n.t('No VPN is in the way.'));
    default:
      return assertNever(verdict);
  }
}

function portText({ verdict, detail, machine: named }: DoctorFinding, machine: string, surface: Surface): DoctorText {
  if (named !== null) {
    return {
      what: l10n.t('{0} is on, but nothing listens at {1}.', machine, detail),
      advice: `${shareAdvice(surface)} ${l10n.t('If it is shared, its port has changed: add it again by its present address.')}`,
    };
  }
  switch (verdict) {
    case 'good':
      return fine(l10n.t('This machine listens for others at port {0}.', detail));
    case 'bad':
      return { what: l10n.t('Another program uses port {0}, so this machine cannot be shared.', detail), advice: wordsFor(surface)(l10n.t('Choose another port in the settings (seekpod.pod.port); 0 takes any free one.'), l10n.t('Choose another port with --port; 0 takes any free one.')) };
    case 'warning':
    case 'unknown':
      return fine(l10n.t('This machine is not shared, so it listens at no port.'));
    default:
      return assertNever(verdict);
  }
}

function machineText({ verdict, detail }: DoctorFinding, machine: string, surface: Surface): DoctorText {
  switch (verdict) {
    case 'good':
      return fine(l10n.t('{0} is reached at {1}.', machine, detail));
    case 'warning':
      return { what: l10n.t('{0} accepts connections at {1}, but does not answer as Seekpod does.', machine, detail), advice: l10n.t('Another program may listen there, or one in between answers. Check the address.') };
    case 'bad':
      return { what: l10n.t('{0} does not answer at {1}.', machine, detail), advice: l10n.t('Is it on and awake, and in the same network as this machine? A laptop with its lid closed sleeps.') };
    case 'unknown':
      return { what: l10n.t('No address of {0} is known.', machine), advice: l10n.t('Share it ("seekpod pod share"), so that it is found, or add it by its address ({0}).', addCommand(surface)) };
    default:
      return assertNever(verdict);
  }
}
