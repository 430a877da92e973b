import { domainOf } from '../protocol/sip/name-address.js';
import { usableCertificate } from './memory.js';
import type { PhoneContext } from './machine-types.js';
import type { AccountCredentials, ClientCertificate, SignInMethod, Trust } from './steps.js';

/** How whoever signs in proves who they are. Without credentials the phone goes by its certificate, as after a PIN sign-in. */
export function methodOf({ credentials }: PhoneContext): SignInMethod {
  return credentials?.method ?? 'pin';
}

/** The remembered client certificate, if it can still be used. With it nobody has to prove anything. */
export function certificateOf({ memory, now }: PhoneContext): ClientCertificate | undefined {
  return usableCertificate(memory, now());
}

/** The certificate that the phone registers with; none where the build knows no certificates. */
export function registrarCertificateOf(context: PhoneContext): ClientCertificate | undefined {
  return context.profile.signIn.registrarAuthentication.value.includes('certificate') ? certificateOf(context) : undefined;
}

/**
 * The AD account that the phone can register with: typed on itself, as on a CX700. A phone that got it over USB holds one too, but cannot
 * register at all where certificates are not taken (Microsoft, "User and client authentication").
 */
export function registrarAccountOf({ credentials, profile }: PhoneContext): AccountCredentials | undefined {
  return credentials?.method === 'typed' && profile.signIn.registrarAuthentication.value.includes('ntlm') ? credentials : undefined;
}

/** The AD account of whoever signs in, where the phone was given one. */
export function accountOf({ credentials }: Pick<PhoneContext, 'credentials'>): AccountCredentials | undefined {
  return credentials?.method === 'pin' ? undefined : credentials;
}

/** Somebody is there to sign in: by credentials, or by the certificate of the last sign-in. */
export function hasUser(context: PhoneContext): boolean {
  return context.credentials !== undefined || certificateOf(context) !== undefined;
}

/**
 * Where the web services are. A PIN phone knows from DHCP option 43 (documented); a tethered one takes that too (assumed: it is known
 * not to depend on it), else the sts-uri of the registrar's challenge; a PC client only ever the sts-uri (MS-SIPAE 3.2.5.1).
 */
export function certProvUrlOf({ credentials, discovery, stsUri }: PhoneContext): string | undefined {
  switch (credentials?.method) {
    case 'typed': return stsUri;
    case 'tethered': return discovery?.certProvUrl ?? stsUri;
    case 'pin': case undefined: return discovery?.certProvUrl;
  }
}

/**
 * Whether the stage `rootChain` has work. The first chain learnt is kept until a reset, so a phone that has one asks no more.
 * A PIN phone that needs a certificate but was told of no web service goes there too, since that is where it says so.
 */
export function needsRoots(context: PhoneContext): boolean {
  if (!hasUser(context)) return false;
  if (methodOf(context) !== 'pin') return context.memory.directoryRoots.length === 0;
  return context.memory.downloadedRoots.length === 0
    || (certificateOf(context) === undefined && context.discovery?.certProvUrl === undefined);
}

/** Whether the phone goes to the registrar next: it has a certificate to show, or nobody else can say where to get one. */
export function startsAtRegistrar(context: PhoneContext): boolean {
  if (!hasUser(context)) return false;
  if (certificateOf(context) !== undefined) return true;
  return methodOf(context) !== 'pin' && certProvUrlOf(context) === undefined;
}

/** Who signs in, as far as it is known: a PIN user's name is learnt from the certificate. */
export function sipUriOf(context: PhoneContext): string | undefined {
  const { credentials, memory } = context;
  return credentials !== undefined && 'sipUri' in credentials ? credentials.sipUri : memory.clientCertificate?.sipUri;
}

/** The SIP domain of whoever signs in, as far as it is known. */
export function sipDomainOf(context: PhoneContext): string | undefined {
  const sipUri = sipUriOf(context);
  return sipUri === undefined ? undefined : domainOf(sipUri);
}

/** The roots and intermediates that the phone has learnt. */
export function trustOf({ memory }: PhoneContext): Trust {
  return { downloadedRoots: memory.downloadedRoots, directoryRoots: memory.directoryRoots, intermediates: memory.intermediates };
}
