import { createHash } from 'node:crypto';
import { readAutodiscoverRequest, writeAutodiscoverError, writeAutodiscoverSettings } from '../../protocol/exchange/autodiscover.js';
import { getFolderAction, readGetFolder, writeCalendar, writeFolderNotFound } from '../../protocol/exchange/get-folder.js';
import { userAtDomain } from '../../protocol/sip/name-address.js';
import { readEnvelope } from '../../protocol/soap/envelope.js';
import { unknownAction, type WebCall, type WebReply } from './call.js';
import { authenticateWindows } from './windows-authentication.js';

/*
 * What a phone asks of an Exchange Client Access server. Both services want Windows authentication; a client certificate of Lync counts for
 * nothing here. Everybody has a mailbox, whose e-mail address is the SIP address.
 */

/** Autodiscover (MS-OXDSCLI 3.2.5): where EWS is, for one's own mailbox only. */
export function autodiscover(call: WebCall): WebReply {
  const outcome = authenticateWindows(call);
  if ('reply' in outcome) return outcome.reply;
  const { deployment, fqdn } = call;
  const { user: { sipUri, displayName } } = outcome;
  const emailAddress = readAutodiscoverRequest(call.body.root);
  const own = emailAddress.toLowerCase() === userAtDomain(sipUri).toLowerCase();
  return {
    status: 200,
    body: own ? writeAutodiscoverSettings({ displayName, server: fqdn, ewsUrl: deployment.ewsUrl(fqdn) }) : writeAutodiscoverError(500, 'The e-mail address cannot be found.'),
  };
}

/** Exchange Web Services, as far as a phone needs them: its user's calendar folder. */
export function exchangeWebServices(call: WebCall): WebReply {
  const outcome = authenticateWindows(call);
  if ('reply' in outcome) return outcome.reply;
  if (call.action !== getFolderAction) return unknownAction(call);
  const folder = readGetFolder(readEnvelope(call.body.root));
  const id = createHash('sha256').update(`${outcome.user.sipUri} ${folder}`).digest('base64');
  return { status: 200, body: folder === 'calendar' ? writeCalendar(id) : writeFolderNotFound() };
}
