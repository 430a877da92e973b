import type { Socket } from 'node:net';
import { clause, Failure } from '../failure.js';
import type { Service } from '../firmware/schema.js';
import { within } from '../network/deadline.js';
import { StageFailure } from './stage-failure.js';
import { resolverOf } from './step-tools.js';
import type { StepTools } from './steps.js';

export interface ConnectionInput {
  host: string;
  /** Where that is; asked of DNS when absent. */
  address?: string | undefined;
  port: number;
  service: Service;
}

/**
 * A TCP connection to a service by its name. Rejects with `StageFailure` `web-service-unreachable` or `registrar-unreachable`
 * when there is no address or no connection, or when `signal`, which ends the attempt, aborts first.
 */
export async function openConnection(input: ConnectionInput, tools: StepTools, signal: AbortSignal): Promise<Socket> {
  try {
    const address = input.address ?? await lookUp(input, tools, signal);
    return await tools.network.connect({ address, port: input.port }, { signal });
  } catch (error) {
    if (error instanceof StageFailure) throw error;
    throw unreachable(input, error instanceof Failure ? clause(error) : 'there was no answer in time', { code: error instanceof Failure ? error.code : 'network/timeout' }, error);
  }
}

/** The same within the profile's time to connect: plain TCP, as `secureConnect` is TLS. */
export function plainConnect(input: ConnectionInput, tools: StepTools): Promise<Socket> {
  return within(tools, tools.profile.timers.connect.value, (signal) => openConnection(input, tools, signal));
}

async function lookUp(input: ConnectionInput, tools: StepTools, signal: AbortSignal): Promise<string> {
  const { records: [address], answer, outcome } = await resolverOf({ ...tools, signal }).addresses(input.host);
  if (address === undefined) throw unreachable(input, `DNS gave no address (${answer})`, { dns: outcome });
  return address;
}

function unreachable({ host, port, service }: ConnectionInput, reason: string, facts: { code?: string; dns?: string }, cause?: unknown): StageFailure {
  const sip = service === 'sip';
  return new StageFailure(sip ? 'registrar-unreachable' : 'web-service-unreachable', 'retry', `${host}:${port} could not be reached: ${reason}.`, {
    facts: { host, port, service, reason, ...facts }, cause, screen: sip ? 'registrar-not-contacted' : 'web-service-not-found',
  });
}
