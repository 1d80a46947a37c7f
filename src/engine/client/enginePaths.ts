import { createHash } from 'node:crypto';
import path from 'node:path';

/** Where the daemon of this user and machine is found. */
export interface EnginePaths {
  /** Holds the socket and the lock; only this user can enter it. */
  readonly runtimeDirectory: string;
  /** Unix socket, or named pipe on Windows. */
  readonly socket: string;
  /** Holds the log and what belongs to the pod. */
  readonly stateDirectory: string;
  readonly logFile: string;
}

export interface PathFacts {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly temporaryDirectory: string;
  readonly homeDirectory: string;
  readonly userName: string;
  /** Numeric user id; `null` on Windows. */
  readonly uid: number | null;
}

/** Longest path of a Unix socket in bytes, without the closing zero: 104 on macOS and the BSDs, 108 on Linux. */
const maxSocketBytes = 103;

/**
 * `SEEKPOD_RUNTIME_DIR` and `SEEKPOD_STATE_DIR` come first, so that a test never meets the daemon of its user;
 * then the directories that the platform names.
 */
export function enginePaths(facts: PathFacts): EnginePaths {
  const place = facts.platform === 'win32' ? path.win32 : path.posix;
  const runtimeDirectory = runtimeDirectoryOf(facts, place);
  const stateDirectory = stateDirectoryOf(facts, place);
  return {
    runtimeDirectory,
    socket: facts.platform === 'win32' ? `\\\\.\\pipe\\seekpod-${shortHash(`${facts.userName}\0${runtimeDirectory}`)}` : place.join(runtimeDirectory, 'daemon.sock'),
    stateDirectory,
    logFile: place.join(stateDirectory, 'daemon.log'),
  };
}

function runtimeDirectoryOf(facts: PathFacts, place: path.PlatformPath): string {
  const { env } = facts;
  const own = resolved(env['SEEKPOD_RUNTIME_DIR'], place);
  if (facts.platform === 'win32') {
    return own ?? place.join(env['LOCALAPPDATA'] || place.join(facts.homeDirectory, 'AppData', 'Local'), 'Seekpod', 'run');
  }
  const user = String(facts.uid ?? facts.userName);
  const session = absolute(env['XDG_RUNTIME_DIR']);
  const wanted = own ?? (session === null ? place.join(facts.temporaryDirectory, `seekpod-${user}`) : place.join(session, 'seekpod'));
  const fits = Buffer.byteLength(place.join(wanted, 'daemon.sock')) <= maxSocketBytes;
  return fits ? wanted : `/tmp/seekpod-${user}-${shortHash(wanted)}`;
}

function stateDirectoryOf(facts: PathFacts, place: path.PlatformPath): string {
  const { env } = facts;
  const own = resolved(env['SEEKPOD_STATE_DIR'], place);
  if (own !== null) return own;
  const runtime = resolved(env['SEEKPOD_RUNTIME_DIR'], place);
  if (runtime !== null) return place.join(runtime, 'state');
  switch (facts.platform) {
    case 'win32':
      return place.join(env['LOCALAPPDATA'] || place.join(facts.homeDirectory, 'AppData', 'Local'), 'Seekpod', 'state');
    case 'darwin':
      return place.join(facts.homeDirectory, 'Library', 'Application Support', 'Seekpod');
    default:
      return place.join(absolute(env['XDG_STATE_HOME']) ?? place.join(facts.homeDirectory, '.local', 'state'), 'seekpod');
  }
}

/** The daemon, to which the path is given, runs in another folder. */
function resolved(value: string | undefined, place: path.PlatformPath): string | null {
  return value ? place.resolve(value) : null;
}

/** A path of the XDG Base Directory Specification, which says that relative ones are not valid. */
function absolute(value: string | undefined): string | null {
  return value !== undefined && path.posix.isAbsolute(value) ? value : null;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
