import { NtlmHttpClient } from '../../protocol/ntlm/http.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import type { AccountCredentials, StepTools } from '../steps.js';
import type { HttpClient, WebAnswer, WebRequest } from './http-client.js';
import { understand } from './soap-exchange.js';
import { shown, webServiceError } from './web-service-failure.js';

/**
 * Sends a request that wants Windows authentication (MS-NTHT): once to be challenged, then with the three NTLM messages on
 * that one connection. Rejects with `credentials-refused` when they do not convince the server.
 */
export async function sendWithWindowsCredentials(
  client: HttpClient, request: WebRequest, { sipUri, domain, user, password }: AccountCredentials, tools: StepTools,
): Promise<WebAnswer> {
  const send = (authorization?: string): Promise<WebAnswer> =>
    client.send(authorization === undefined ? request : { ...request, headers: { ...request.headers, Authorization: authorization } }, tools);
  const asked = await send();
  if (asked.status !== 401) return asked;
  const scheme = ['NTLM', 'Negotiate'].find((each) => challenges(asked).some(({ scheme: offered }) => offered === each.toLowerCase()));
  if (scheme === undefined) throw webServiceError(request.url, 'it asks for authentication, but offers neither NTLM nor Negotiate', { facts: { windows: 'not-offered' } });
  const ntlm = new NtlmHttpClient({ domain, user, password }, () => tools.clock.now());
  const challenged = await send(`${scheme} ${ntlm.negotiate()}`);
  const token = challenges(challenged).find(({ scheme: offered }) => offered === scheme.toLowerCase())?.token;
  if (challenged.status !== 401 || token === undefined) throw webServiceError(request.url, `it did not go on with ${scheme} authentication`);
  const answer = await send(`${scheme} ${understand(request.url, () => ntlm.authenticate(token))}`);
  if (answer.status !== 401) return answer;
  throw new StageFailure('credentials-refused', 'stop', `The web service at ${shown(request.url)} refused the password of ${domain}\\${user}.`, {
    facts: { url: shown(request.url), account: `${domain}\\${user}`, sipUri }, because: [unsourced],
    // Assumed: the credentials, perhaps cached since long ago, are of no more use, so the phone asks for others.
    screen: 'sign-in',
  });
}

/** The schemes of a 401, in lower case, with the token where one comes along. */
function challenges({ headers }: WebAnswer): { scheme: string; token: string | undefined }[] {
  return (headers.get('www-authenticate') ?? []).flatMap((line) => line.split(',')).map((challenge) => {
    const [scheme = '', token] = challenge.trim().split(/\s+/);
    return { scheme: scheme.toLowerCase(), token };
  });
}
