/** Protocols that carry messages; each message sent or received is one event. */
export type MessageLayer = 'lldp' | 'dhcp' | 'dns' | 'ntp' | 'ldap' | 'http' | 'sip';

/** One message on the wire, already redacted by whoever recorded it. */
export interface MessageEvent {
  layer: MessageLayer;
  direction: 'sent' | 'received';
  /** The other end, as the recorder knows it: `sip.contoso.lab:5061`, `10.0.0.10:53`. */
  peer: string;
  /** One line: `REGISTER sip:contoso.lab`, `SRV _sipinternaltls._tcp.contoso.lab -> sip.contoso.lab:5061`. */
  summary: string;
  /** The message as text, secrets redacted. */
  text?: string;
  /** Of an answer over DNS: what it said. */
  answered?: DnsAnswered;
  /** Of an answer of a DHCP server to the class MS-UC-Client: what it told of the deployment, where it can be used. */
  told?: { certProvUrl: string | undefined; sipServer: string | undefined };
}

/** A question and the records that answer it; none where there is no such name or record. */
export interface DnsAnswered {
  /** As DNS compares names: lower case, without a dot at the end. */
  name: string;
  records: readonly ({ type: 'A'; address: string } | { type: 'SRV'; target: string; port: number; priority: number; weight: number })[];
}

/** Which end ended a TLS connection, and the alert it sent where it sent one: `unknown_ca (48)`. */
export interface TlsEnding {
  by: 'phone' | 'server';
  alert?: string;
}

/** What a presented certificate says, cut where a peer overdoes it. */
export interface PresentedInTrace {
  subject: string;
  /** The first of the subject, where it has one. */
  commonName: string | undefined;
  issuer: string;
  /** DNS names and addresses, as written. */
  names: readonly string[];
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  /** `rsa 2048`, `ec prime256v1`. */
  key: string;
  /** `rsa-pkcs1 with sha256`. */
  signature: string;
  /** Object identifiers of extKeyUsage; undefined: no such extension. */
  usages: readonly string[] | undefined;
  /** Whether basicConstraints calls it a certification authority. */
  authority: boolean;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string;
}

/** A moment in the life of a TLS connection. */
export interface TlsEvent {
  layer: 'tls';
  phase: 'started' | 'certificate-judged' | 'refused' | 'established' | 'failed' | 'closed';
  peer: string;
  summary: string;
  /** Of `refused`, `failed` and `closed`. */
  ended?: TlsEnding;
  /** Of `certificate-judged`: the server's own certificate first; undefined in the place of one that cannot be read. */
  chain?: readonly (PresentedInTrace | undefined)[];
  detail?: Readonly<Record<string, unknown>>;
}

/** The device entered a state of its machine. */
export interface StateEvent {
  layer: 'state';
  state: string;
}

/** What the display shows from now on, line by line. */
export interface ScreenEvent {
  layer: 'screen';
  lines: readonly string[];
}

/** Anything else worth a line: a fault switched on, a certificate swapped, a decision taken. */
export interface NoteEvent {
  layer: 'note';
  summary: string;
  /** Where the phone learnt of certificates that it goes by from now on: what they say. */
  learnt?: { from: 'certificate-service' | 'directory'; certificates: readonly (PresentedInTrace | undefined)[] };
  detail?: Readonly<Record<string, unknown>>;
}

/** What happened, before the trace gives it its place and time. */
export type TraceInput = MessageEvent | TlsEvent | StateEvent | ScreenEvent | NoteEvent;

/** One thing that happened, as the flight recorder keeps it; secrets are redacted. */
export type TraceEvent = TraceInput & {
  /** 1, 2, 3, ... over the whole trace. */
  sequence: number;
  /** Milliseconds since 1970, by the clock the trace was given. */
  time: number;
  /** Who recorded it: `phone`, `registrar`, `web`, `dns`, `dhcp`, `ntp`, `directory`, `lab`. */
  actor: string;
};
