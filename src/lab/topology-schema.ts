import { z } from 'zod';
import { certProvPath } from '../protocol/certprov/path.js';
import { updatesSchema } from './updates-schema.js';

const fqdn = z.string().min(1);
const ipv4 = z.ipv4();
const hash = z.enum(['md5', 'sha1', 'sha256', 'sha384', 'sha512']);
const port = z.int().min(1).max(65535);
const vlan = z.int().min(1).max(4094);
const versionPart = z.int().min(0).max(65535).optional();
const tlsVersion = z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2']);
/** The oldest version that a server takes. */
export type MinimumTls = z.output<typeof tlsVersion>;
const minimumTls = tlsVersion.default('TLSv1').describe('the oldest version it takes; TLS 1.0 is all that the phones speak');

/** A certification authority of the lab; fresh keys each run. `issuer` makes it an intermediate. */
export const authoritySchema = z.strictObject({
  commonName: z.string(),
  issuer: z.string().optional().describe('an authority of this topology; without one it is a root'),
  hash: hash.default('sha1'),
  keyBits: z.int().min(512).max(8192).default(2048),
  notBefore: z.iso.datetime().optional(),
  notAfter: z.iso.datetime().optional(),
  pathLength: z.int().nonnegative().optional(),
});

/** A server certificate, with exact control of every field a phone judges. Times default to yesterday and two years from now. */
export const certificateSchema = z.strictObject({
  commonName: z.string().optional(),
  subjectAlternativeNames: z.array(z.string()).default([]).describe('dNSName entries, in order, exactly as written'),
  ipAddresses: z.array(z.string()).default([]).describe('iPAddress entries'),
  issuer: z.string().describe('an authority of this topology'),
  hash: hash.default('sha1'),
  signature: z.enum(['rsa-pkcs1', 'rsa-pss']).default('rsa-pkcs1'),
  keyType: z.enum(['rsa', 'ec']).default('rsa'),
  /** Of an RSA key; an EC key is on P-256. */
  keyBits: z.int().min(512).max(8192).default(2048),
  notBefore: z.iso.datetime().optional(),
  notAfter: z.iso.datetime().optional(),
  extendedKeyUsage: z.array(z.string()).default(['serverAuth']).describe('OIDs, or serverAuth or clientAuth; empty: no such extension'),
  certificateAuthority: z.boolean().default(false),
  sendChain: z.boolean().default(true).describe('whether the server sends the intermediates with it'),
});
/** What can be changed of a server that runs. */
export const serverChangeSchema = z.strictObject({
  running: z.boolean().optional().describe('false: what it offers over TCP is refused, as by pulling its plug'),
  minimumTls: tlsVersion.optional().describe('the oldest version of TLS that its services take'),
});
export type CertificateSpec = z.output<typeof certificateSchema>;
export type AuthoritySpec = z.output<typeof authoritySchema>;

/** One machine of the deployment, at an address of its own, with the services it runs. */
const serverSchema = z.strictObject({
  fqdn,
  address: ipv4.describe("on the lab's own network, where phones find it"),
  registrar: z.strictObject({
    port: port.default(5061), certificate: z.string(), minimumTls,
    tcpPort: port.optional().describe('SIP over plain TCP too, at this port (5060 by custom); without it only TLS'),
    authenticationVersion: z.union([z.literal(3), z.literal(4)]).default(4).describe('of SIP authentication: 4 is Lync; 3 is Office Communications Server 2007 R2, which knows no client certificates'),
    EnableDHCPServer: z.boolean().default(false).describe('it tells phones options 43 and 120 itself, with the names of its own pool, whatever the DHCP server tells; it hands out no addresses'),
    backupRegistrar: fqdn.optional().describe('server with a registrar that takes the users homed here while this server is down'),
  }).optional(),
  director: z.strictObject({ port: port.default(5061), certificate: z.string(), minimumTls }).optional()
    .describe("authenticates users and sends each to their registrarPool (301); homes nobody"),
  edge: z.strictObject({
    port: port.default(443), certificate: z.string(), minimumTls,
    nextHop: fqdn.describe('server with a registrar or a Director that serves who comes in here'),
    webServer: fqdn.optional().describe('server with web services that clients outside are sent to, as a reverse proxy publishes them'),
  }).optional().describe('Access Edge: SIP over TLS for clients outside'),
  avEdge: z.strictObject({ udpPort: port.default(3478), tcpPort: port.default(443) }).optional()
    .describe('A/V Edge: the registrar gives credentials for it; no media is relayed, nothing listens there'),
  web: z.strictObject({ httpsPort: port.default(443), httpPort: port.default(80), certificate: z.string(), minimumTls }).optional(),
  exchange: z.strictObject({ httpsPort: port.default(443), certificate: z.string(), minimumTls }).optional()
    .describe("an Exchange Client Access server: Autodiscover and EWS; phones look for it under autodiscover.<SIP domain>"),
  dns: z.strictObject({ port: port.default(53) }).optional(),
  dhcp: z.strictObject({ port: port.default(67) }).optional(),
  ntp: z.strictObject({ port: port.default(123), skewSeconds: z.int().default(0).describe('a fault: how far it is ahead of the right time') }).optional(),
  directory: z.strictObject({ port: port.default(389), publishedRoots: z.array(z.string()).describe('authorities of this topology') }).optional()
    .describe('Active Directory as a tethered phone uses it: LDAP with the published roots'),
});

const dnsRecordSchema = z.discriminatedUnion('type', [
  z.strictObject({ name: fqdn, type: z.literal('A'), address: ipv4 }),
  z.strictObject({
    name: fqdn, type: z.literal('SRV'), target: fqdn, port,
    priority: z.int().min(0).default(0), weight: z.int().min(0).default(0),
  }),
]);
export type DnsRecord = z.output<typeof dnsRecordSchema>;

export const userSchema = z.strictObject({
  sipUri: z.string().regex(/^sip:[^@\s]+@[^@\s]+$/),
  displayName: z.string(),
  lineUri: z.string().regex(/^tel:/).optional().describe('tel:+15550100;ext=100; PIN sign-in takes the number or the extension'),
  pin: z.string().regex(/^\d{4,24}$/).optional().describe('none: no PIN was ever set'),
  pinSetAt: z.iso.datetime().optional().describe('PINLifetime counts from here; without it the PIN does not age'),
  pinEnabled: z.boolean().optional().describe('false: this user may not sign in by PIN'),
  pinLocked: z.boolean().optional().describe('true: an administrator has locked the PIN, as Lock-CsClientPin does'),
  enabled: z.boolean().optional().describe('false: disabled for Lync, as Set-CsUser -Enabled $false does'),
  contacts: z.array(z.string().regex(/^sip:[^@\s]+@[^@\s]+$/)).max(1000).optional().describe('contact list, SIP URIs; without one: everybody else of this topology'),
  registrarPool: fqdn.optional().describe('home server, by its FQDN; without one, whichever registrar the user comes to, or from a Director the first'),
  account: z.string().regex(/^[^\\]+\\[^\\]+$/).describe('DOMAIN\\user'),
  password: z.string().min(1),
});
export type LabUser = z.output<typeof userSchema>;

/** A rule of the client version policy (New-CsClientVersionPolicyRule). */
const clientVersionRuleSchema = z.strictObject({
  UserAgent: z.string().min(1).describe('OCPhone: the phones; OC: Lync and Communicator on PCs'),
  MajorVersion: versionPart, MinorVersion: versionPart, BuildNumber: versionPart, QfeNumber: versionPart,
  CompareOp: z.enum(['EQL', 'NEQ', 'GTR', 'GEQ', 'LSS', 'LEQ']).describe("the client's version compared with this one"),
  Action: z.enum(['Allow', 'AllowAndUpgrade', 'AllowWithUrl', 'Block', 'BlockAndUpgrade', 'BlockWithUrl']),
});
export type ClientVersionRule = z.output<typeof clientVersionRuleSchema>;

/** The server switches that change what a phone sees, under the names administrators know. */
export const policySchema = z.strictObject({
  EnableCertChainDownload: z.boolean().default(true),
  // Which of the two is the default is assumed: no document that we could read says.
  InferCertChainFromSSL: z.boolean().default(true).describe('true: only the issuers of the web certificate are handed out, and TrustedCACerts is ignored'),
  TrustedCACerts: z.array(z.string()).default([]).describe('further authorities of this topology that the phones are to trust'),
  UsePinAuth: z.boolean().default(true),
  UseCertificateAuth: z.boolean().default(true),
  UseWindowsAuth: z.enum(['Negotiate', 'NTLM', 'None']).default('Negotiate'),
  UseCertificateForClientToProxyAuth: z.boolean().default(true),
  UseNtlmForClientToProxyAuth: z.boolean().default(true),
  UseKerberosForClientToProxyAuth: z.boolean().default(true).describe('phones do not use it, and nobody issues tickets here: it is only offered'),
  DisableNtlmFor2010AndLaterClients: z.boolean().default(false).describe('NTLM is left to clients of Office Communications Server, by what they call themselves'),
  EnableOutsideAccess: z.boolean().default(true).describe('of the external access policy: users may come in over an Access Edge; a deployment is installed with false'),
  ClientVersionPolicyRules: z.array(clientVersionRuleSchema).max(100).default([]).describe('in order of priority: the first that is about a client decides; without one it is let in'),
  MinPasswordLength: z.int().min(4).max(24).default(5).describe('of a PIN, in digits'),
  MaximumLogonAttempts: z.int().min(1).max(999).nullable().default(null).describe('wrong PINs before a lock of one hour; null: 10 for a PIN of 4 digits, else 25'),
  PINLifetime: z.int().min(0).max(999).default(0).describe('days; 0: a PIN never expires'),
  PINHistoryCount: z.int().min(0).max(20).default(0).describe('PINs that a user must not set again'),
  AllowCommonPatterns: z.boolean().default(false).describe("true: a PIN may be one digit repeated, four or more consecutive digits, or the user's own number"),
  DefaultValidityPeriodHours: z.int().min(8).max(8760).default(4320).describe('of a client certificate, where the phone asks for none'),
  MaxValidityPeriodHours: z.int().min(8).max(8760).default(8760).describe('of a client certificate, whatever is asked for'),
  MinCSRKeySize: z.int().min(1024).max(16384).default(1024).describe('of the key that a client certificate is asked for, in bits'),
  MaxCSRKeySize: z.int().min(1024).max(16384).default(16384),
  EnforcePhoneLock: z.boolean().default(true).describe('a phone that is not used locks itself'),
  PhoneLockTimeout: z.int().min(1).max(1440).default(10).describe('minutes'),
  MinPhonePinLength: z.int().min(4).max(15).default(6).describe('of the PIN of the phone lock, in digits'),
  SIPSecurityMode: z.enum(['High', 'Medium', 'Low']).default('High').describe('told in band, as the next six; but for the interval, what phones make of them does not show here'),
  LoggingLevel: z.enum(['Off', 'Low', 'Medium', 'High']).default('Off'),
  CalendarPollInterval: z.int().min(1).max(60).default(3).describe('minutes between looks at Exchange'),
  VoiceDiffServTag: z.int().min(0).max(63).default(40),
  Voice8021p: z.int().min(0).max(7).default(0),
  EnableHotdesking: z.boolean().default(false).describe('of the client policy: somebody else may sign in at a common-area phone for a while'),
  HotdeskingTimeout: z.int().min(1).max(1440).default(5).describe('minutes'),
  registrationExpiresSeconds: z.int().min(2).default(7200),
  keepAliveSeconds: z.int().min(1).default(300),
  MaxEndpointsPerUser: z.int().min(1).max(64).default(8).describe('registrations of one user; one more ends the oldest'),
});
export type LabPolicy = z.output<typeof policySchema>;

/** What is out of order in the deployment; nothing, unless it is switched on. */
export const faultsSchema = z.strictObject({
  registrarsUnavailable: z.array(fqdn).default([]).describe('servers whose registrar answers every request with 503'),
  clientCertificateStoreDown: z.boolean().default(false).describe("the users' home-pool store cannot be reached, so no client certificate can be published"),
});

/** A deployment, as a YAML file declares it (`examples/topologies/*.yaml`). */
export const topologySchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  description: z.string().default(''),
  sipDomains: z.array(fqdn).min(1),
  authorities: z.record(z.string(), authoritySchema),
  certificates: z.record(z.string(), certificateSchema),
  /**
   * The web services' own authority, which issues the users' certificates. That it is called "Communications Server" and signs with SHA-1
   * is assumed; Microsoft documents 2048 bits as the least.
   */
  clientAuthority: authoritySchema.omit({ issuer: true }).prefault({ commonName: 'Communications Server' }),
  servers: z.array(serverSchema).min(1),
  dns: z.array(dnsRecordSchema),
  locationProfile: z.strictObject({
    name: z.string().regex(/^[\w.-]+$/),
    rules: z.array(z.strictObject({ pattern: z.string().min(1), translation: z.string() })).max(500).default([]).describe('.NET regular expressions'),
    externalAccessPrefix: z.string().optional(),
  }).optional().describe('how numbers that phones dial become telephone numbers'),
  updates: updatesSchema.prefault({}),
  dhcp: z.strictObject({
    domainName: fqdn.describe("option 15, the lease's domain"),
    option43: z.strictObject({
      webServerFqdn: fqdn,
      urlScheme: z.string().default('https'),
      webServerPort: port.nullable().default(443),
      certProvRelPath: z.string().default(certProvPath),
    }).nullable().describe('for class MS-UC-Client; null: not configured'),
    option120: fqdn.nullable().describe('FQDN of the first logon server; null: not configured'),
    vlan: vlan.optional().describe('what class CPE-OCPHONE is told in option 43, sub-option 10; none: not configured'),
    lease: z.strictObject({
      firstAddress: ipv4.default('10.0.0.100'),
      addresses: z.int().min(1).max(4096).default(100).describe('how many there are, from the first on'),
      subnetMask: ipv4.default('255.255.255.0'),
      router: ipv4.optional(),
      nameServers: z.array(ipv4).optional().describe('option 6; without it, every server with dns'),
      seconds: z.int().min(60).max(0xffffffff).default(691_200),
    }).nullable().prefault({}).describe('null: nobody hands out addresses, as where a registrar is the only DHCP server'),
  }),
  lldp: z.strictObject({ voiceVlan: vlan }).optional().describe('what the switch tells phones by LLDP-MED; none: it does not speak it'),
  vlans: z.array(z.strictObject({
    id: z.int().min(0).max(4094).describe('0: untagged'),
    routed: z.boolean().default(true).describe('false: no route leads to the servers, DHCP (over a relay) is all that answers'),
  })).optional().describe("the VLANs of the phones' port in which DHCP is answered, so that in any other they get no address; none: it does not matter in which they are"),
  outside: z.strictObject({
    domainName: fqdn.default('home.example').describe('option 15 of the lease there'),
    dns: z.array(dnsRecordSchema).describe('the external names'),
    servers: z.array(fqdn).describe('servers that are reached from there, but for their DNS, DHCP and LDAP'),
  }).optional().describe('what a phone outside the office meets: no options for phones, external names, and only what is published'),
  users: z.array(userSchema).min(1),
  policy: policySchema.prefault({}),
  faults: faultsSchema.prefault({}),
});
/** What a lab is made of, as `loadTopology` reads it (`examples/schemas/topology.schema.json`). */
export type Topology = z.output<typeof topologySchema>;
