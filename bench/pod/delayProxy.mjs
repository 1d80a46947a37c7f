// A distant link: every byte arrives later by half of the round trip given. argv: JSON of { port, roundTripMs }.
import net from 'node:net';

const { port, roundTripMs } = JSON.parse(process.argv[2]);
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
function later(deliver) {
  underWay.push({ due: performance.now() + oneWayMs, deliver });
  if (!turning) {
    turning = true;
    setImmediate(turn);
  }
}

function carry(from, to) {
  from.on('data', (chunk) => {
    later(() => {
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
  });
  from.on('close', () => later(() => to.destroy()));
  from.on('error', () => undefined);
}

const server = net.createServer({ noDelay: true }, (near) => {
  const far = net.connect({ host: '127.0.0.1', port, noDelay: true });
  carry(near, far);
  carry(far, near);
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
