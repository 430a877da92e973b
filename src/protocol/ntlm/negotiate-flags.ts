/** NEGOTIATE flags that are used here (MS-NLMP 2.2.2.5). */
export const NegotiateFlag = {
  UNICODE: 0x1,
  OEM: 0x2,
  REQUEST_TARGET: 0x4,
  SIGN: 0x10,
  SEAL: 0x20,
  DATAGRAM: 0x40,
  LM_KEY: 0x80,
  NTLM: 0x200,
  ALWAYS_SIGN: 0x8000,
  EXTENDED_SESSIONSECURITY: 0x80000,
  IDENTIFY: 0x100000,
  TARGET_INFO: 0x800000,
  VERSION: 0x2000000,
  KEY_128: 0x20000000,
  KEY_EXCHANGE: 0x40000000,
  KEY_56: 0x80000000,
} as const;

/** The union of flags as the unsigned 32-bit number that goes on the wire. */
export function flags(...names: (keyof typeof NegotiateFlag)[]): number {
  return names.reduce((sum, name) => (sum | NegotiateFlag[name]) >>> 0, 0);
}

/** Whether `value` has the flag. */
export function hasFlag(value: number, name: keyof typeof NegotiateFlag): boolean {
  return (value & NegotiateFlag[name]) !== 0;
}
