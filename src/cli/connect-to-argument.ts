import { InvalidArgumentError } from 'commander';
import { Failure } from '../failure.js';
import { parseConnectTo, type ConnectTo } from '../rehearsal/connect-to.js';

/** An argument HOST:PORT:ADDRESS:PORT, added to those before it. */
export function connectTo(text: string, all: readonly ConnectTo[] = []): readonly ConnectTo[] {
  try {
    return [...all, parseConnectTo(text)];
  } catch (error) {
    throw error instanceof Failure ? new InvalidArgumentError(error.message) : error;
  }
}
