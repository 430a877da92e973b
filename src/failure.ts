/** The named facts behind a sentence: host names, ports, dates, counts. Never a secret. */
export type Facts = Readonly<Record<string, unknown>>;

/** What a failure knows beside its code and its sentence. */
export interface FailureOptions {
  /** What a machine may read of it. */
  facts?: Facts;
  /** What to do about it, one sentence. */
  hint?: string;
  cause?: unknown;
}

/**
 * Something went wrong that a person can act on. `code` is stable (`topology/unknown-certificate`), `message` is one whole
 * sentence that says what was tried and what came back. Users see code, sentence and hint, never a stack trace.
 */
export class Failure extends Error {
  readonly code: string;
  readonly facts: Facts;
  readonly hint: string | undefined;

  constructor(code: string, sentence: string, options: FailureOptions = {}) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.facts = options.facts ?? {};
    this.hint = options.hint;
  }
}

/** What an error says, to go on after a colon: without its first capital, unless that is an abbreviation's, and its full stop. */
export function clause({ message }: Error): string {
  return message.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}

/** What `read` makes of what a stranger wrote; undefined where it cannot be read, which is a `Failure`. Anything else is a bug, and thrown. */
export function understood<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
