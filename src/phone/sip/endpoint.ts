import { randomBytes } from 'node:crypto';
import { deviceEpid, endpointUuid } from '../../protocol/sip/endpoint-identity.js';
import { domainOf } from '../../protocol/sip/name-address.js';
import type { RegistrarCandidate, StepTools } from '../steps.js';

/** Who the phone is in SIP, for as long as one connection lasts. */
export interface Endpoint {
  /** `sip:alice@contoso.lab`. */
  sipUri: string;
  sipDomain: string;
  /** Of the device and user; survives restarts. */
  epid: string;
  /** In `+sip.instance`; upper case, as Microsoft's clients write it. */
  uuid: string;
  /** `10.0.0.20:49152`. */
  sentBy: string;
  /** `sip:10.0.0.20:49152;transport=tls;ms-opaque=6fb3a8330a`. */
  contactUri: string;
  userAgent: string;
  /** Value of Ms-Device-Info (MS-SIPREGE 2.2.1.7); undefined where the client sends none. */
  deviceInfo: string | undefined;
  /** What its presence calls the device; that it is the model's name is assumed. */
  machineName: string;
  /** Network address of the phone's subnet. */
  subnet: string;
}

/** The endpoint that registers over a connection with this local port. */
export function makeEndpoint(
  { sipUri, candidate, localPort }: { sipUri: string; candidate: RegistrarCandidate; localPort: number }, tools: StepTools,
): Endpoint {
  const { network: { localAddress }, profile: { identity }, macAddress } = tools;
  const epid = deviceEpid(macAddress, sipUri);
  const sentBy = `${localAddress}:${localPort}`;
  const device = identity.deviceInfo.value;
  return {
    sipUri, epid, sentBy, sipDomain: domainOf(sipUri), uuid: endpointUuid(epid).toUpperCase(),
    contactUri: `sip:${sentBy};transport=${candidate.transport};ms-opaque=${randomBytes(5).toString('hex')}`,
    userAgent: identity.userAgent.value,
    deviceInfo: device === null ? undefined : `MAC=${macAddress}, vendor=${device.vendor}, version=${device.version}`,
    machineName: tools.profile.model ?? device?.version ?? tools.profile.name,
    // The lease's mask is not known here; a /24 is this project's convention.
    subnet: localAddress.replace(/\.\d+$/, '.0'),
  };
}
