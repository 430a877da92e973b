import type { StartingMemory } from './cell.js';

/** Why a cell has no verdict. */
export interface NoVerdict {
  reason: string;
}

/** Rules that say that the server did not take what the user typed. */
const refusals = new Set(['pin-refused', 'credentials-refused', 'exchange-credentials-refused']);

/** Keeps a rehearsal from locking accounts: sign-ins with one secret go one after another, and end once it was refused too often. */
export class CredentialGuard {
  readonly #allowed: number;
  /** What each secret's refusals were. */
  readonly #refused = new Map<string, string[]>();
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param allowed refusals after which a secret is tried no more */
  constructor(allowed: number) {
    this.#allowed = allowed;
  }

  /** Does `work` when the sign-ins before it with the same secret are done, unless they were refused too often. */
  run<T extends StartingMemory>(secret: string, work: () => Promise<T | NoVerdict>): Promise<T | NoVerdict> {
    const turn = (this.#last.get(secret) ?? Promise.resolve()).then(async () => {
      const refused = this.#refused.get(secret) ?? [];
      if (refused.length >= this.#allowed) {
        const times = refused.length === 1 ? 'once' : `${refused.length} times`;
        return { reason: `Not tried: this secret was refused ${times} already, and more could lock the account (limits.wrongCredentialAttempts). ${refused.at(-1)}` };
      }
      const result = await work();
      const cause = 'memory' in result ? result.verdict?.cause : undefined;
      if (cause !== undefined && refusals.has(cause.rule)) this.#refused.set(secret, [...refused, cause.sentence]);
      return result;
    });
    this.#last.set(secret, turn.catch(() => undefined));
    return turn;
  }
}
