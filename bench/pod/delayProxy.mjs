// A distant or slow link: every byte arrives later by half of the round trip, and not faster than the rate (0: no limit).
// argv: JSON of { port, roundTripMs, bytesPerSecond }.
import net from 'node:net';

const { port, roundTripMs, bytesPerSecond } = JSON.parse(process.argv[2]);
const oneWayMs = roundTripMs / 2;

/** Timers of Node count whole milliseconds, so that what is under way is looked at in every turn of the loop. */
const underWay = [];
let turning = false;
function turn() {
  const now = performance.now();
  while (underWay.length > 0 && underWay[0].due <= now) underWay.shift().deliver();
  turning = underWay.length > 0;
  if (turning) setImmediate(turn);
}
function later(due, deliver) {
  // In the order of their time: the two directions have clocks of their own.
  const after = underWay.findIndex((other) => other.due > due);
  underWay.splice(after < 0 ? underWay.length : after, 0, { due, deliver });
  if (!turning) {
    turning = true;
    setImmediate(turn);
  }
}

/** What a link may hold before the sender has to wait, as a socket's buffers do. */
const mostUnderWay = 4 * 1_024 * 1_024;

function carry(from, to) {
  let free = 0;
  let held = 0;
  from.on('data', (chunk) => {
    const now = performance.now();
    free = Math.max(free, now) + (bytesPerSecond > 0 ? (chunk.length * 1_000) / bytesPerSecond : 0);
    held += chunk.length;
    if (held > mostUnderWay) from.pause();
    later(free + oneWayMs, () => {
      to.write(chunk, () => {
        held -= chunk.length;
        if (held <= mostUnderWay) from.resume();
      });
    });
  });
  from.on('close', () => later(Math.max(free, performance.now()) + oneWayMs, () => to.destroy()));
  from.on('error', () => undefined);
}

const server = net.createServer({ noDelay: true }, (near) => {
  const far = net.connect({ host: '127.0.0.1', port, noDelay: true });
  carry(near, far);
  carry(far, near);
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
