/** How bytes can stand in a text: as they are, in hex, and in base64 at any of its three alignments. */
function forms(bytes: Buffer): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
    // The characters at either end hold bits of what stands beside it.
    return text.slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
  });
  return [bytes.toString('latin1'), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64];
}

/** Whether a text tells these bytes, in any of those forms. */
export const tells = (text: string, bytes: Buffer) => forms(bytes).some((form) => text.includes(form));
