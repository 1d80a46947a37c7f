import net from 'node:net';
import { answerProblem } from '../../core/guard/rpcAnswers.js';
import { answerHeadBytes, capabilityBytes, helloCommand, requestHeadBytes, rpcCommands } from '../../core/guard/rpcTable.js';

/** A server that listens answers at once; what does not is another program. */
const answerLimitMs = 2_000;

/** Whether an RPC server of the right protocol answers on a port of 127.0.0.1. It serves one client at a time, so this one leaves at once. */
export function greetLayerServer(port: number): Promise<boolean> {
  const request = Buffer.alloc(requestHeadBytes + capabilityBytes);
  request[0] = helloCommand;
  request[1] = capabilityBytes;
  const answerBytes = answerHeadBytes + rpcCommands[helloCommand].answer;
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    let answer = Buffer.alloc(0);
    const leave = (greeted: boolean): void => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(answerLimitMs, () => leave(false));
    socket.once('error', () => leave(false));
    socket.once('close', () => leave(false));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= answerBytes) leave(answerProblem('HELLO', answer.subarray(answerHeadBytes), 0) === null);
    });
  });
}
