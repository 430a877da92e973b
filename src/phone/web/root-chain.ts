import { readRootChains, rootChainsAction, writeRootChainsRequest } from '../../protocol/certprov/root-chains.js';
import { plainConnect } from '../connection.js';
import { presentedInTrace } from '../presented-chain.js';
import { StageFailure } from '../stage-failure.js';
import type { PhoneSteps } from '../steps.js';
import { HttpClient, portOf } from './http-client.js';
import { readAnswer, soapRequest } from './soap-exchange.js';
import { below, certProvAddress } from './web-address.js';
import { shown } from './web-service-failure.js';

/** Port of plain HTTP: nothing is trusted yet that TLS could go by. */
const plainPort = '80';

/**
 * Fetches the root chain from certificate provisioning over plain HTTP. The address of option 43 is one of https, so
 * scheme and port are changed for this one call; `/anon` is tried first and, where that is not known, the path as it is.
 *
 * Rejects with `StageFailure`: `web-service-unknown`, `web-service-unreachable`, `web-service-error`, `chain-download-empty`.
 */
export const fetchRootChain: PhoneSteps['fetchRootChain'] = async ({ certProvUrl }, tools) => {
  const service = plain(certProvAddress(certProvUrl));
  const client = new HttpClient((url, using) => plainConnect({ host: url.hostname, port: portOf(url), service: 'web' }, using));
  try {
    const anonymous = below(service, '/anon');
    const post = (url: URL) => client.send(soapRequest(url, rootChainsAction, writeRootChainsRequest()), tools);
    let url = anonymous;
    let answer = await post(url);
    if (answer.status === 404) answer = await post(url = service);
    const { roots, intermediates } = readAnswer(url, answer, readRootChains);
    if (roots.length === 0) {
      throw new StageFailure('chain-download-empty', 'stop', intermediates.length === 0
        ? `The web service at ${shown(url)} was asked for the root chain and handed out no certificate.`
        : `The web service at ${shown(url)} was asked for the root chain and handed out ${intermediates.length} certificates, none of them a root.`, {
        facts: { url: shown(url), certificates: intermediates.length }, screen: 'chain-download-error',
      });
    }
    tools.trace.record('phone', {
      layer: 'note', summary: `The web service handed out ${roots.length} root${roots.length === 1 ? '' : 's'} and ${intermediates.length} intermediate${intermediates.length === 1 ? '' : 's'}.`,
      learnt: { from: 'certificate-service', certificates: presentedInTrace([...roots, ...intermediates]) },
    });
    return { downloadedRoots: roots, intermediates };
  } finally {
    client.close();
  }
};

function plain(url: URL): URL {
  if (url.protocol === 'http:') return url;
  // A URL keeps the port it had as an https one, unless that was 443.
  const result = new URL(`http://${url.hostname}${url.pathname}`);
  result.port = plainPort;
  return result;
}
