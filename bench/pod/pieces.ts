// One entry for the bundler: the parts of the pod that the benchmark puts together by itself.
export { systemClock } from '../../src/engine/base/clock.js';
export { Logger, nullLogSink } from '../../src/engine/base/logger.js';
export { MemoryLimit } from '../../src/engine/pod/core/guard/memoryLimit.js';
export { dialPeer } from '../../src/engine/pod/net/peers/dialPeer.js';
export { loadIdentity } from '../../src/engine/pod/net/identity/identity.js';
export { serveLayers } from '../../src/engine/pod/net/tunnel/layerGateway.js';
export { forkLayerServers } from '../../src/engine/pod/net/lending/layerServerProcess.js';
export { openLayerTunnel } from '../../src/engine/pod/net/tunnel/layerTunnel.js';
export { listenForPeers } from '../../src/engine/pod/net/peers/peerListener.js';
export { forkWorker } from '../../src/engine/runtime/forkedWorker.js';
export { TestNetwork } from '../../test/support/machines.js';
export { MachineDaemon, podTestOptions, roleFor, shareAll } from '../../test/support/machineDaemon.js';
