import type { Contact } from '../../protocol/presence/contact-list.js';
import { xml, type Markup } from '../../protocol/soap/markup.js';
import { parseXml } from '../../protocol/soap/xml.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import { updatePath } from '../web/paths.js';
import { locationProfileUri } from './location-profile.js';
import { mediaRelayUri } from './media-relay.js';

/**
 * Answers a provisioning-v2 query with the groups it asks for (MS-SIPREGE 2.2.2). The names are Microsoft's; the format of the values for
 * PIN lock, time-outs, DiffServ, security mode, logging and hot desking, and that CalendarPollInterval is ucExchangeMWIPoll, are this lab's. Groups without content come back empty.
 * @param query the `provisioningGroupList` document; throws a `Failure` `xml/...` when it is none
 */
export function provisioningDocument(query: Buffer, user: LabUser, deployment: Deployment): string {
  const names = parseXml(query).elements('provisioningGroup').map((group) => group.attribute('name') ?? '');
  const groups = [...new Set(names)].slice(0, 32).map((name) => xml`<provisionGroup name="${name}">${groupContent(name, user, deployment)}</provisionGroup>`);
  return xml`<provisionGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification">${groups}</provisionGroupList>`.text;
}

function groupContent(name: string, user: LabUser, deployment: Deployment): readonly Markup[] {
  const { policy } = deployment;
  switch (name) {
    case 'ServerConfiguration': return serverConfiguration(user, deployment);
    case 'ucPolicy': return [xml`<instance><property name="AllowCallForwarding">true</property></instance>`];
    case 'endpointConfiguration': return [xml`<propertyEntryList><property name="EnableHotdesking">${String(policy.EnableHotdesking)}</property><property name="HotdeskingTimeout">${policy.HotdeskingTimeout}</property></propertyEntryList>`];
    default: return [];
  }
}

function serverConfiguration(user: LabUser, deployment: Deployment): Markup[] {
  const web = deployment.topology.servers.find((server) => server.web);
  const { policy } = deployment;
  const [relay, profile] = [mediaRelayUri(deployment), locationProfileUri(user, deployment)];
  const updates = web && deployment.baseUrl(web.fqdn, 'https');
  // What a reverse proxy publishes, where there is one.
  const published = deployment.topology.servers.find((server) => server.edge?.webServer !== undefined)?.edge?.webServer;
  const outside = published === undefined ? updates : deployment.baseUrl(published, 'https');
  return [
    xml`<organization>${deployment.topology.name}</organization>`,
    xml`<absWebServiceEnabled>false</absWebServiceEnabled><dlxEnabled>false</dlxEnabled>`,
    ...(updates === undefined ? [] : [
      xml`<updatesServerInternalUrl>${updates + updatePath.internal}</updatesServerInternalUrl><updatesServerExternalUrl>${outside + updatePath.external}</updatesServerExternalUrl>`,
      xml`<updatesServerEnabled>true</updatesServerEnabled>`,
    ]),
    ...(relay === undefined ? [] : [xml`<mrasUri>${relay}</mrasUri>`]),
    ...(profile === undefined ? [] : [xml`<ucLocationProfile>${profile}</ucLocationProfile>`]),
    xml`<voiceMailUri>${user.sipUri};opaque=app:voicemail</voiceMailUri>`,
    xml`<ucPC2PCAVEncryption>RequireEncryption</ucPC2PCAVEncryption><ucPortRangeEnabled>false</ucPortRangeEnabled>`,
    xml`<ucEnforcePinLock>${String(policy.EnforcePhoneLock)}</ucEnforcePinLock><ucMinPinLength>${policy.MinPhonePinLength}</ucMinPinLength><ucPhoneTimeOut>${policy.PhoneLockTimeout}</ucPhoneTimeOut>`,
    xml`<ucDiffServVoice>${policy.VoiceDiffServTag}</ucDiffServVoice><ucVoice802_1p>${policy.Voice8021p}</ucVoice802_1p><ucExchangeMWIPoll>${policy.CalendarPollInterval}</ucExchangeMWIPoll>`,
    xml`<ucEnableSIPSecurityMode>${policy.SIPSecurityMode}</ucEnableSIPSecurityMode><ucEnableUserLogging>${String(policy.LoggingLevel !== 'Off')}</ucEnableUserLogging><loggingLevel>${policy.LoggingLevel}</loggingLevel>`,
  ];
}

/** The contacts of a lab user: the topology's, or everybody else. */
export function contactsOf(user: LabUser, everybody: readonly LabUser[]): Contact[] {
  const others = everybody.flatMap((other) => (other.sipUri === user.sipUri ? [] : [other.sipUri]));
  return (user.contacts ?? others).map((sipUri) => ({ sipUri, name: '' }));
}
