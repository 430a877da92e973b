import { autodiscoverPath, readAutodiscoverResponse, writeAutodiscoverRequest } from '../../protocol/exchange/autodiscover.js';
import { getFolderAction, readFolderId, writeGetCalendar } from '../../protocol/exchange/get-folder.js';
import { domainOf, userAtDomain } from '../../protocol/sip/name-address.js';
import { secureConnect } from '../secure-connection.js';
import { StageFailure } from '../stage-failure.js';
import { resolverOf } from '../step-tools.js';
import type { PhoneSteps } from '../steps.js';
import { HttpClient, portOf } from '../web/http-client.js';
import { readAnswer, soapRequest, understand, unexpectedStatus } from '../web/soap-exchange.js';
import { webServiceError } from '../web/web-service-failure.js';
import { sendWithWindowsCredentials } from '../web/windows-authentication.js';

/*
 * ASSUMED: that the phone looks under `autodiscover.<domain>` alone, by TLS, and not in the other places where an Outlook looks; and that the
 * SMTP address is the SIP address. The name and NTLM are documented (CX700 deployment guide); sources differ on which domain it is.
 */
const autodiscoverHost = (smtpDomain: string) => `autodiscover.${smtpDomain}`;

/** Looks for a domain's Exchange by its A record. Rejects with `exchange-unavailable` where no name server says whether there is one. */
export const locateExchange: PhoneSteps['locateExchange'] = async ({ smtpDomain }, tools) => {
  const { records: [address], outcome, answer, question } = await resolverOf(tools).addresses(autodiscoverHost(smtpDomain));
  if (address !== undefined || outcome === 'no-such-name' || outcome === 'no-data') return address;
  throw new StageFailure('exchange-unavailable', 'retry', `Whether there is an Exchange could not be found out: ${question} was asked, and ${answer}.`, {
    facts: { question, answer, dns: outcome }, screen: 'exchange-unavailable',
  });
};

/**
 * Asks Autodiscover for the mailbox of the SIP address, then EWS for its calendar, both with the AD credentials over NTLM. Rejects with
 * `certificate-refused`, `exchange-credentials-refused` or `exchange-unavailable`.
 */
export const connectExchange: PhoneSteps['connectExchange'] = async ({ credentials, address, trust }, tools) => {
  const emailAddress = userAtDomain(credentials.sipUri);
  const host = autodiscoverHost(domainOf(emailAddress));
  const client = new HttpClient((url, using) => secureConnect({
    host: url.hostname, port: portOf(url), service: 'exchange', method: credentials.method, trust, ...(url.hostname === host ? { address } : {}),
  }, using));
  try {
    const autodiscover = new URL(autodiscoverPath, `https://${host}`);
    const found = await sendWithWindowsCredentials(client, {
      method: 'POST', url: autodiscover, headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body: writeAutodiscoverRequest(emailAddress),
    }, credentials, tools);
    if (found.status !== 200) throw unexpectedStatus(autodiscover, found);
    const { ewsUrl } = understand(autodiscover, () => readAutodiscoverResponse(found.body.root));
    const ews = URL.canParse(ewsUrl) ? new URL(ewsUrl) : undefined;
    if (ews?.protocol !== 'https:') throw webServiceError(autodiscover, `it names ${JSON.stringify(ewsUrl.slice(0, 200))}, which is no https address`);
    const answer = await sendWithWindowsCredentials(client, soapRequest(ews, getFolderAction, writeGetCalendar()), credentials, tools);
    readAnswer(ews, answer, readFolderId);
  } catch (error) {
    throw error instanceof StageFailure ? exchangeFailure(error) : error;
  } finally {
    client.close();
  }
};

/** What went wrong on the way, as what it means for Exchange; a refused certificate keeps its rule, which has remedies of its own. */
function exchangeFailure(failure: StageFailure): StageFailure {
  const { rule, message, facts, because } = failure;
  if (rule === 'certificate-refused') return failure;
  return rule === 'credentials-refused'
    ? new StageFailure('exchange-credentials-refused', 'retry', message, { facts, because, cause: failure, screen: 'exchange-credentials' })
    : new StageFailure('exchange-unavailable', 'retry', message, { facts, because, cause: failure, screen: 'exchange-unavailable' });
}
