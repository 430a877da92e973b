import { z } from 'zod';
import { screenIds, type ScreenId } from './screen-ids.js';
import { sourced } from './sourced.js';

/** The services whose certificates a phone judges. */
export const services = ['web', 'sip', 'exchange', 'update'] as const;
/** What phones use a server for. */
export type Service = (typeof services)[number];

const milliseconds = z.int().nonnegative();
const wildcardMode = z.enum(['none', 'leftmost-label']);
const refusal = z.enum(['silent-close', 'alert', 'reboot']);
const lines = z.array(z.string()).min(1);

/**
 * One firmware build (or the comparison client), as a YAML file declares it. Every behavioural value is `sourced`: a file
 * that `extends` another replaces whole values, never parts of one.
 */
export const profileSchema = z.strictObject({
  /** Four numbers for a phone; a name for a comparison client or an abstract parent. Equals the file's name. */
  build: z.string(),
  name: z.string(),
  /** `parent` files exist only to be extended. */
  kind: z.enum(['phone', 'pc', 'parent']),
  released: sourced(z.string()),
  description: z.string(),
  /** The only family of phones that it runs on; missing: any. */
  runsOn: z.enum(['Aries', 'Tanjay']).optional(),

  tls: z.strictObject({
    versions: sourced(z.array(z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2'])).min(1)),
    /** IANA names, as the device offers them; the wire carries those of them that OpenSSL still has. */
    cipherSuites: sourced(z.array(z.string()).min(1)),
    serverNameIndication: sourced(z.boolean()),
  }),

  certificate: z.strictObject({
    /** That a dNSName equal to the host the phone connects to is accepted: never in doubt, but as well known as its evidence. */
    exactName: sourced(z.literal('accepted')),
    /** Whether `A.contoso.com` and `a.contoso.com` are one name. */
    letterCase: sourced(z.enum(['ignored', 'significant'])),
    /** Whether `*.domain` in a dNSName covers a host, for each service. */
    wildcardSan: z.strictObject({
      web: sourced(wildcardMode), sip: sourced(wildcardMode), exchange: sourced(wildcardMode), update: sourced(wildcardMode),
    }),
    /** How the web leg of a tethered sign-in treats `*.domain`, where it differs from `wildcardSan.web`. */
    wildcardSanTetheredWeb: sourced(wildcardMode).optional(),
    /** On SIP connections a name matched by wildcard counts only within the user's SIP domain. */
    wildcardWithinSipDomain: sourced(z.boolean()),
    /** When the subject's CN is compared with the host. */
    commonName: sourced(z.enum(['never', 'if-no-san', 'always'])),
    commonNameWildcard: sourced(z.boolean()),
    /** An Exchange certificate whose common name is the host's domain alone. */
    exchangeBareCommonName: sourced(z.enum(['accepted', 'refused'])),
    /** Whether a dot at the end of the host, or also at the end of a presented name, is ignored. */
    trailingDot: sourced(z.enum(['ignored-in-host', 'ignored-in-both', 'significant'])),
    /** The fewest labels after `*.`; 2 refuses `*.com`. */
    wildcardMinimumLabels: sourced(z.int().min(1)),
    /** Whether `*.co.uk` and its like (a short built-in list) are refused. */
    wildcardPublicSuffix: sourced(z.enum(['accepted', 'refused'])),
    /** Whether an IP address can be a host at all, matched against iPAddress SANs. */
    ipAddress: sourced(z.enum(['san', 'never'])),
    signatureHashes: sourced(z.array(z.enum(['md5', 'sha1', 'sha256', 'sha384', 'sha512'])).min(1)),
    keyTypes: sourced(z.array(z.enum(['rsa', 'ec', 'dsa', 'ed25519'])).min(1)),
    minimumRsaBits: sourced(z.int()),
    rsaPss: sourced(z.boolean()),
    extendedKeyUsage: sourced(z.enum(['required', 'if-present', 'ignored'])),
    basicConstraints: sourced(z.enum(['enforced', 'ignored'])),
    validity: sourced(z.enum(['enforced', 'ignored'])),
    /** Certificates from leaf to root, both counted; null: no limit. */
    maximumChainLength: sourced(z.int().nullable()),
    /** Missing intermediates are fetched from the AIA extension. */
    fetchesIntermediates: sourced(z.boolean()),
    onRefusal: z.strictObject({
      web: sourced(refusal), sip: sourced(refusal), exchange: sourced(refusal), update: sourced(refusal),
    }),
    /** How the web leg of a tethered sign-in ends, where it differs from `onRefusal.web`. */
    onRefusalTetheredWeb: sourced(refusal).optional(),
    /** What the display shows for a SIP connection that fails for want of a root only, where that differs from other refusals. */
    screenOnDistrust: sourced(z.enum(screenIds)).optional(),
    /** PEM bundle of the roots the build ships with, relative to the profile's file; null: none imported, list unverified. */
    publicRoots: sourced(z.string().nullable()),
  }),

  /** Before the phone has an address. */
  network: z.strictObject({
    /** Who is asked for the voice VLAN, in order; empty: nobody. */
    voiceVlan: sourced(z.array(z.enum(['lldp', 'dhcp']))),
    /** How long the switch is listened to. */
    lldpWait: sourced(milliseconds),
    /** How long an offer with the VLAN is waited for, each time. */
    vlanAttempts: sourced(z.array(milliseconds)),
    /** How long an offer, and then its acknowledgement, is waited for, each time. */
    leaseAttempts: sourced(z.array(milliseconds).min(1)),
  }),

  discovery: z.strictObject({
    /** SRV targets must lie in the SIP domain. */
    strictDnsNaming: sourced(z.boolean()),
    /** Option 120's name must lie in the SIP domain when it is used for SIP. */
    strictDnsNamingOfOption120: sourced(z.boolean()),
    candidates: sourced(z.array(z.enum([
      'internal-srv-tls', 'dhcp-tls', 'internal-srv-tcp', 'dhcp-tcp', 'external-srv-tls', 'external-srv-tcp', 'host-names',
    ])).min(1)),
    /** How long each DHCPINFORM is waited for; empty: no DHCP server is asked. */
    dhcpAttempts: sourced(z.array(milliseconds)),
    dnsTimeout: sourced(milliseconds),
  }),

  signIn: z.strictObject({
    /** Whether the build takes number and PIN, credentials over USB, or credentials typed on itself. */
    methods: sourced(z.array(z.enum(['pin', 'tethered', 'typed'])).min(1)),
    /** What a phone of this build can prove itself with at the registrar: a client certificate (TLS-DSK); AD credentials typed on it (NTLM). */
    registrarAuthentication: sourced(z.array(z.enum(['certificate', 'ntlm'])).min(1)),
    /** The newest version of SIP authentication that it speaks (MS-SIPAE 3.3.5.1). */
    authenticationVersion: sourced(z.int().min(2).max(4)),
    keyBits: sourced(z.int()),
    certificateRequestHash: sourced(z.enum(['sha1', 'sha256'])),
    /** The part of a client certificate's life after which the phone gets a new one. */
    certificateRenewal: sourced(z.number().min(0.1).max(1)),
  }),

  time: z.strictObject({
    /** Asked for the time where DNS names no server. */
    fallbackServer: sourced(z.string()),
    /** How long each request to a time server is waited for; empty: none is asked. */
    attempts: sourced(z.array(milliseconds)),
    /** What the clock says after a power cut that it did not survive; null: it survives any. */
    afterPowerCut: sourced(z.iso.datetime().nullable()),
  }),

  update: z.strictObject({
    /** Host in the lease's domain that is asked before anyone signs in, over plain HTTP; null: the build asks nobody. */
    hostBeforeSignIn: sourced(z.string().nullable()),
    /** The first build whose package is signed in a way that this one does not know; missing: it knows them all. */
    signedAnewFrom: sourced(z.string()).optional(),
    /** Whether the address that in-band provisioning tells is asked after sign-in. */
    afterSignIn: sourced(z.boolean()),
  }),

  timers: z.strictObject({
    boot: sourced(milliseconds),
    connect: sourced(milliseconds),
    request: sourced(milliseconds),
    retryFirst: sourced(milliseconds),
    retryFactor: sourced(z.number().min(1)),
    retryLongest: sourced(milliseconds),
    provisioning: sourced(milliseconds),
    /** Before Exchange is looked for again. */
    exchangeRetry: sourced(milliseconds),
    updateIdle: sourced(milliseconds),
    /** Between two questions to the update service. */
    updateCheck: sourced(milliseconds),
    /** Reboots in a row without reaching sign-in that the emulator calls a loop. */
    rebootLoopAfter: sourced(z.int().min(2)),
  }),

  identity: z.strictObject({
    /** `{build}` stands for the build's number. */
    userAgent: sourced(z.string()),
    /** `vendor=`, `version=` of Ms-Device-Info; null: the client sends none. */
    deviceInfo: sourced(z.strictObject({ vendor: z.string(), version: z.string() }).nullable()),
  }),

  /** What the display shows, line by line; `{displayName}` and `{line}` stand for what the server tells of the user. */
  screens: z.strictObject(
    Object.fromEntries(screenIds.map((id) => [id, sourced(lines)])) as Record<ScreenId, ReturnType<typeof sourced<typeof lines>>>,
  ),
});

/** A profile with everything inherited filled in. */
export type FirmwareProfile = z.output<typeof profileSchema> & {
  /** The phone that it runs on, where one was chosen (`models.ts`): no part of a file. */
  readonly model?: string;
};

/**
 * One profile file: the same groups, any of them or of their values left out where `extends` provides them. A sourced value is
 * never partial: who overrides a value also says where the new one comes from.
 */
export const profileFileSchema = z.strictObject({
  /** The build or parent that provides what this file leaves out. */
  extends: z.string().optional(),
  ...optionalGroups(profileSchema),
  build: z.string(),
  name: z.string(),
  kind: z.enum(['phone', 'pc', 'parent']),
});

function optionalGroups(group: z.ZodObject): Record<string, z.ZodOptional> {
  return Object.fromEntries(Object.entries(group.shape).map(([key, schema]) => [
    key, z.optional(schema instanceof z.ZodObject && !('confidence' in schema.shape) ? z.strictObject(optionalGroups(schema)) : schema),
  ]));
}
