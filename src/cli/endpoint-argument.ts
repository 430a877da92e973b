import { InvalidArgumentError } from 'commander';
import { endpointForm, parseEndpoint } from '../network/endpoint.js';
import type { Endpoint } from '../network/network.js';
import { connectToForm, parseConnectTo, type ConnectTo } from '../rehearsal/connect-to.js';

/** An argument that has to be an IPv4 address, with or without a port. */
export function endpoint(defaultPort: number): (text: string) => Endpoint {
  return (text) => parseEndpoint(text, defaultPort) ?? wrong(endpointForm(defaultPort));
}

/** An argument HOST:PORT:ADDRESS:PORT, added to those before it. */
export function connectTo(text: string, all: readonly ConnectTo[] = []): readonly ConnectTo[] {
  return [...all, parseConnectTo(text) ?? wrong(connectToForm)];
}

function wrong(form: string): never {
  throw new InvalidArgumentError(`It takes ${form}.`);
}
