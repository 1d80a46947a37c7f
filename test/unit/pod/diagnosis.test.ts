import assert from 'node:assert/strict';
import { type Attempt, diagnose, type DoctorFacts, type MachineFacts } from '../../../src/engine/pod/core/doctor/diagnosis.js';
import { doctorText } from '../../../src/engine/protocol/doctorText.js';
import type { DoctorCheck, DoctorFinding } from '../../../src/engine/protocol/podTypes.js';

const build = { llama: 'v0.4.0', rpcProtocol: '6.0.0' };
const attempt: Attempt = { address: { host: '10.0.0.2', port: 4_500 }, reach: 'answers', error: null, way: { name: 'en0', tunnel: false }, onLink: true, neighbour: 'unknown' };
const studio: MachineFacts = { name: 'Studio', seen: true, attempts: [attempt], build, clockAhead: 0.2 };
const healthy: DoctorFacts = {
  platform: 'linux',
  library: { build, reason: '' },
  multicast: { problem: null, heardSelf: true, heardOthers: true, interfaces: ['en0', 'bridge0'] },
  defaultTunnel: null,
  ownPort: { port: 4_500, state: 'listening' },
  machines: [studio],
};

const withAttempts = (...attempts: Partial<Attempt>[]): DoctorFacts => ({ ...healthy, machines: [{ ...studio, build: null, clockAhead: null, attempts: attempts.map((change) => ({ ...attempt, ...change })) }] });
const unseen = (facts: DoctorFacts): DoctorFacts => ({ ...facts, machines: facts.machines.map((machine) => ({ ...machine, seen: false })) });
const said = (facts: DoctorFacts, check: DoctorCheck): DoctorFinding[] => diagnose(facts).filter((finding) => finding.check === check);
/** The finding about the machine, as `check verdict detail`. */
const about = (facts: DoctorFacts): string[] => diagnose(facts).filter(({ machine }) => machine !== null).map(({ check, verdict, detail }) => `${check} ${verdict} ${detail}`);

describe('diagnosis', () => {
  it('a healthy pod has only good findings', () => {
    assert.deepEqual(diagnose(healthy).map(({ check, verdict }) => `${check} ${verdict}`), ['library good', 'multicast good', 'vpn good', 'port good', 'machine good', 'build good', 'clock good']);
  });

  describe('multicast', () => {
    it('does not work: the reason', () => {
      assert.deepEqual(said({ ...healthy, multicast: { ...healthy.multicast, problem: 'no network interface with multicast' } }, 'multicast'), [{ check: 'multicast', verdict: 'bad', machine: null, detail: 'no network interface with multicast' }]);
    });

    it('is sent and never arrives, not even here: something blocks the port', () => {
      const multicast = { ...healthy.multicast, heardSelf: false, heardOthers: false };
      assert.equal(said({ ...healthy, multicast }, 'multicast')[0]?.verdict, 'bad');
    });

    it('works, and nobody else was heard: not known', () => {
      const facts = { ...healthy, machines: [], multicast: { ...healthy.multicast, heardOthers: false } };
      assert.deepEqual(said(facts, 'multicast')[0], { check: 'multicast', verdict: 'unknown', machine: null, detail: 'en0, bridge0' });
    });

    it('is filtered where a machine answers by its address and is not heard', () => {
      assert.deepEqual(said(unseen(healthy), 'multicast'), [{ check: 'multicast', verdict: 'warning', machine: 'Studio', detail: '10.0.0.2:4500' }]);
    });
  });

  describe('a machine that is not reached', () => {
    it('refuses: it does not share', () => {
      assert.deepEqual(about(withAttempts({ reach: 'refused' })), ['port bad 10.0.0.2:4500']);
    });

    it('is near and silent: a firewall', () => {
      assert.deepEqual(about(unseen(withAttempts({ reach: 'timedOut', neighbour: 'present' }))), ['firewall bad 10.0.0.2:4500']);
      assert.deepEqual(about(withAttempts({ reach: 'timedOut', neighbour: 'unknown' })), ['firewall bad 10.0.0.2:4500'], 'it is heard by multicast');
      assert.deepEqual(about(withAttempts({ reach: 'unreachable', neighbour: 'present' })), ['firewall bad 10.0.0.2:4500'], 'its firewall says "prohibited"');
    });

    it('is not near: it is off or elsewhere', () => {
      for (const reach of ['timedOut', 'unreachable'] as const) {
        assert.deepEqual(about(withAttempts({ reach, neighbour: 'absent' })), ['machine bad 10.0.0.2:4500']);
        assert.deepEqual(about(unseen(withAttempts({ reach, neighbour: 'unknown' }))), ['machine bad 10.0.0.2:4500']);
      }
    });

    it('is forbidden by rules of this machine', () => {
      assert.deepEqual(about(withAttempts({ reach: 'forbidden', error: 'EPERM' })), ['firewall warning 10.0.0.2:4500']);
    });

    it('has a way that leads into a VPN', () => {
      assert.deepEqual(about(withAttempts({ reach: 'timedOut', way: { name: 'utun4', tunnel: true }, neighbour: 'present' })), ['vpn bad utun4']);
    });

    it('fails otherwise: the error is told', () => {
      assert.deepEqual(about(withAttempts({ reach: 'failed', error: 'EINVAL' })), ['machine bad 10.0.0.2:4500, EINVAL']);
    });

    it('has no address', () => {
      assert.deepEqual(about(withAttempts()), ['machine unknown ']);
    });

    it('is not Seekpod', () => {
      assert.deepEqual(about(withAttempts({ reach: 'notSeekpod' })), ['machine warning 10.0.0.2:4500']);
    });
  });

  it('of several addresses one that works counts, then the one with a remedy', () => {
    const ipv6 = { host: 'fe80::2%en0', port: 4_500 };
    assert.deepEqual(about(withAttempts({ reach: 'timedOut', neighbour: 'present' }, { address: ipv6 })), ['machine good [fe80::2%en0]:4500']);
    assert.deepEqual(about(withAttempts({ reach: 'timedOut', neighbour: 'absent' }, { address: ipv6, reach: 'refused' })), ['port bad [fe80::2%en0]:4500']);
  });

  describe('macOS Local Network permission', () => {
    const mac = (facts: DoctorFacts): DoctorFacts => ({ ...facts, platform: 'darwin' });

    it('is missing where a near machine is unreachable', () => {
      const found = diagnose(mac(withAttempts({ reach: 'unreachable', error: 'EHOSTUNREACH', neighbour: 'present' })));
      assert.deepEqual(found.filter(({ verdict }) => verdict !== 'good'), [{ check: 'localNetworkPermission', verdict: 'bad', machine: null, detail: '10.0.0.2:4500' }]);
    });

    it('is missing where multicast cannot be sent for the same reason, which is said once', () => {
      const found = diagnose(mac({ ...withAttempts({ reach: 'unreachable', neighbour: 'unknown' }), multicast: { ...healthy.multicast, problem: 'send EHOSTUNREACH 224.0.0.251:5353' } }));
      assert.deepEqual(found.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => `${check} ${verdict}`), ['localNetworkPermission bad']);
    });

    it('may be missing where it is not known whether the machine is near', () => {
      assert.equal(said(mac(withAttempts({ reach: 'unreachable', neighbour: 'unknown' })), 'localNetworkPermission')[0]?.verdict, 'warning');
    });

    it('is not the cause for a machine that is off, on another network or behind a VPN', () => {
      for (const change of [{ neighbour: 'absent' }, { onLink: false, neighbour: 'unknown' }, { way: { name: 'utun4', tunnel: true }, neighbour: 'present' }] as const) {
        assert.deepEqual(said(mac(withAttempts({ reach: 'unreachable', ...change })), 'localNetworkPermission'), []);
      }
    });

    it('is there where any near machine answers or refuses', () => {
      for (const reach of ['answers', 'refused'] as const) {
        assert.equal(said(mac(withAttempts({ reach }, { reach: 'unreachable', neighbour: 'present' })), 'localNetworkPermission')[0]?.verdict, 'good');
      }
    });

    it('is no matter of other systems', () => {
      assert.deepEqual(said(withAttempts({ reach: 'unreachable', neighbour: 'present' }), 'localNetworkPermission'), []);
    });
  });

  describe('this machine', () => {
    it('has no library: the reason', () => {
      assert.deepEqual(said({ ...healthy, library: { build: null, reason: 'no compiler' } }, 'library')[0], { check: 'library', verdict: 'bad', machine: null, detail: 'no compiler' });
    });

    it('has a VPN for everything: a warning unless all works', () => {
      assert.equal(said({ ...healthy, defaultTunnel: 'utun4' }, 'vpn')[0]?.verdict, 'good');
      assert.deepEqual(said({ ...withAttempts({ reach: 'timedOut' }), defaultTunnel: 'utun4' }, 'vpn')[0], { check: 'vpn', verdict: 'warning', machine: null, detail: 'utun4' });
    });

    it('has its port, or not, or needs none', () => {
      assert.deepEqual(
        [{ port: 1, state: 'listening' as const }, { port: 2, state: 'taken' as const }, { port: 3, state: 'free' as const }, null].map((ownPort) => said({ ...healthy, ownPort }, 'port')[0]?.verdict),
        ['good', 'bad', 'unknown', 'unknown'],
      );
    });
  });

  it('tells another build with both, and says nothing about one that is not known', () => {
    const other = { ...healthy, machines: [{ ...studio, build: { llama: 'v0.5.0', rpcProtocol: '7.0.0' } }] };
    assert.equal(said(other, 'build')[0]?.detail, 'llama.cpp v0.5.0, RPC 7.0.0 ≠ llama.cpp v0.4.0, RPC 6.0.0');
    assert.deepEqual(said({ ...healthy, machines: [{ ...studio, build: null }] }, 'build'), []);
  });

  it('tells a clock that is off by more than a minute either way', () => {
    const clock = (clockAhead: number): string | undefined => said({ ...healthy, machines: [{ ...studio, clockAhead }] }, 'clock')[0]?.verdict;
    assert.deepEqual([59, -59, 61, -3_600].map(clock), ['good', 'good', 'warning', 'warning']);
  });

  it('every finding that is not good comes with what to do', () => {
    const facts: DoctorFacts[] = [
      { ...healthy, library: { build: null, reason: 'x' }, multicast: { ...healthy.multicast, problem: 'x' }, ownPort: { port: 1, state: 'taken' } },
      unseen(healthy),
      ...(['notSeekpod', 'refused', 'timedOut', 'unreachable', 'forbidden', 'failed'] as const).map((reach) => ({ ...withAttempts({ reach }), defaultTunnel: 'utun4' })),
      { ...withAttempts({ reach: 'unreachable', neighbour: 'present' }), platform: 'darwin' },
      { ...healthy, machines: [{ ...studio, build: { ...build, llama: 'other' }, clockAhead: 100 }] },
    ];
    for (const finding of facts.flatMap((each) => diagnose(each))) {
      const { what, advice } = doctorText(finding);
      assert.ok(what.length > 10);
      assert.equal(advice === null, finding.verdict === 'good' || (finding.check === 'port' && finding.verdict === 'unknown'), JSON.stringify(finding));
    }
  });
});
