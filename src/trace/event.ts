/** Protocols that carry messages; each message sent or received is one event. */
export type MessageLayer = 'dhcp' | 'dns' | 'ntp' | 'ldap' | 'http' | 'sip';

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
}

/** A moment in the life of a TLS connection. */
export interface TlsEvent {
  layer: 'tls';
  phase: 'started' | 'certificate-judged' | 'refused' | 'established' | 'failed' | 'closed';
  peer: string;
  summary: string;
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
  detail?: Readonly<Record<string, unknown>>;
}

export type TraceInput = MessageEvent | TlsEvent | StateEvent | ScreenEvent | NoteEvent;

export type TraceEvent = TraceInput & {
  /** 1, 2, 3, ... over the whole trace. */
  sequence: number;
  /** Milliseconds since 1970, by the clock the trace was given. */
  time: number;
  /** Who recorded it: `phone`, `registrar`, `web`, `dns`, `dhcp`, `ntp`, `directory`, `lab`. */
  actor: string;
};
