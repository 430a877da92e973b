import { generateKeys, type KeyPair, type KeySource } from './key-pair.js';

/**
 * Keys that several labs have one after another or side by side: making them costs more than all else a lab does. Within a lab no two are the
 * same, so a chain that was mixed up still fails. For labs that never meet.
 */
export class KeyPool {
  /** By type and size. */
  readonly #made = new Map<string, Promise<KeyPair>[]>();

  /** For one lab: gives each key once. */
  source(): KeySource {
    const given = new Map<string, number>();
    return (spec) => {
      const kind = `${spec.keyType} ${spec.keyBits}`;
      const next = given.get(kind) ?? 0;
      given.set(kind, next + 1);
      const keys = this.#made.get(kind) ?? [];
      this.#made.set(kind, keys);
      return (keys[next] ??= generateKeys(spec));
    };
  }
}
