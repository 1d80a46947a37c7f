import { fetchFile } from '../../src/engine/models/fetch/fetchFile.js';
import { httpSource } from '../../src/engine/models/fetch/httpSource.js';
import { openNetwork } from '../../src/engine/models/fetch/network.js';

// Downloads a file until it is killed: address, part, bytes, checksum. Says when there is something to go on with.
const [url = '', part = '', bytes = '', sha256 = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const network = openNetwork({ endpoint: url, token: null, proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null });
const source = await httpSource(url, network, signal);
const onProgress = ({ receivedBytes }: { readonly receivedBytes: number }): void => void process.stdout.write(`${receivedBytes}\n`);
await fetchFile({ sources: [source], part, bytes: Number(bytes), sha256, onProgress, signal }, { connections: 3, pieceBytes: 65_536 });
network.dispose();
