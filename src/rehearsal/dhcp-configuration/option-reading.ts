/** What a phone makes of one option's bytes. */
export interface OptionReading {
  option: 43 | 120;
  bytes: number;
  /** What it says, line by line: label and value. */
  says: [label: string, value: string][];
  /** What keeps a phone from using it, or may; each a whole sentence. Empty: it is as it should be. */
  faults: string[];
}
