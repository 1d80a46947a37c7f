import fs from 'node:fs';

/** The instruction set flags of this machine's processor, as Linux names them; none elsewhere. */
export function hostCpuFlags() {
  try {
    return (/^flags\s*:\s*(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').split(' ');
  } catch {
    return [];
  }
}
