import { locationProfileType, writeLocationProfile } from '../../protocol/locationprofile/description.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord } from '../../protocol/sip/name-address.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import { respond, type Received, type Refusal } from './response.js';

const opaque = 'opaque=app:locationprofile';

/** Where a user gets the deployment's location profile (MS-SIPRE 2.2.3, `location-profile-gruu`); undefined where there is none. */
export function locationProfileUri({ sipUri }: LabUser, { topology }: Pick<Deployment, 'topology'>): string | undefined {
  return topology.locationProfile === undefined ? undefined : `${sipUri};gruu;${opaque};default`;
}

export function isForLocationProfile(uri: string): boolean {
  return parametersOf(uri).includes(opaque);
}

/** Answers with the profile that the URI names, or with the user's own (MS-SIPRE 3.8.5.1). */
export function answerLocationProfileRequest(request: SipMessage, received: Received, { topology: { locationProfile: profile }, users }: Deployment): SipMessage | Refusal {
  const uri = request.requestUri;
  const parameters = parametersOf(uri);
  const named = parameters.find((parameter) => parameter.startsWith('phone-context='))?.slice('phone-context='.length);
  if (users.bySipUri(addressOfRecord(uri)) === undefined) return { status: 404 };
  if (!parameters.includes('default') && named === undefined) return { status: 485 };
  if (profile === undefined || (!parameters.includes('default') && named !== profile.name.toLowerCase())) return { status: 404 };
  return respond(request, received, 200, [{ name: 'Content-Type', value: locationProfileType }], writeLocationProfile(profile));
}

const parametersOf = (uri: string) => uri.toLowerCase().split(';').slice(1);
