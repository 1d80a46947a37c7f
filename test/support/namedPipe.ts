import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** Makes what looks like a file and gives nothing: a named pipe, or a folder on Windows, which has none among its files. @param home lets go whoever waits for it at the end of the test. */
export function makeNamedPipe(home: { atEnd(release: () => void): void }, path: string): void {
  if (process.platform === 'win32') {
    fs.mkdirSync(path);
    return;
  }
  execFileSync('mkfifo', [path]);
  home.atEnd(() => fs.closeSync(fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)));
}
