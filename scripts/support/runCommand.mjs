// Runs other programs for the scripts: quiet while all is well, their last words when not.
import { spawn } from 'node:child_process';

const shownOnFailure = 4_000;

/** What npm sets for the scripts it runs would mislead another npm in another folder. */
export function cleanEnvironment(env = process.env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm_(package|lifecycle|config_local_prefix|command|execpath)|INIT_CWD)/.test(name)));
}

/**
 * Runs a program to its end. With `quiet` its output is kept back and shown only when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<void>} rejects when the program cannot be started or fails
 */
export function runCommand(program, args, { cwd, env = cleanEnvironment(), quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell can start.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'], shell: process.platform === 'win32' });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-shownOnFailure);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`"${program} ${args.join(' ')}" failed (${signal ?? `exit code ${code}`}).${output === '' ? '' : `\n${output}`}`));
    });
  });
}
