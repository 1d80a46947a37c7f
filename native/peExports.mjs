// The names that a Windows library exports, as its export directory lists them: Microsoft's "PE Format", "The .edata Section".

/** @param {Buffer} file a PE32+ image. @throws Error when it is none */
export function peExports(file) {
  const header = file.readUInt32LE(0x3c);
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0' || file.readUInt16LE(header + 24) !== 0x20b) throw new Error('it is not a 64-bit Windows library');
  const sections = Array.from({ length: file.readUInt16LE(header + 6) }, (_, index) => header + 24 + file.readUInt16LE(header + 20) + index * 40);
  // Tables hold addresses in memory; a section says where its part of memory lies in the file.
  const offset = (address) => {
    const section = sections.find((at) => address >= file.readUInt32LE(at + 12) && address < file.readUInt32LE(at + 12) + file.readUInt32LE(at + 8));
    if (section === undefined) throw new Error(`no section holds ${address.toString(16)}`);
    return address - file.readUInt32LE(section + 12) + file.readUInt32LE(section + 20);
  };
  const text = (at) => file.toString('latin1', at, file.indexOf(0, at));
  const table = file.readUInt32LE(header + 24 + 112);
  if (table === 0) return [];
  const directory = offset(table);
  const names = offset(file.readUInt32LE(directory + 32));
  return Array.from({ length: file.readUInt32LE(directory + 24) }, (_, index) => text(offset(file.readUInt32LE(names + index * 4))));
}
