import type { KeyObject } from 'node:crypto';
import type { Trace } from '../trace/trace.js';
import type { LabPolicy, LabUser, Topology } from './topology-schema.js';

/** Who may sign in, and how they are found. */
export interface UserStore {
  /** Case-insensitive. */
  bySipUri(sipUri: string): LabUser | undefined;
  /** AD logon, case-insensitive; `domain` empty matches any. */
  byAccount(domain: string, user: string): LabUser | undefined;
  /** Digits of the number (without `+`) or of the extension in the line URI; several when it is shared. */
  byPhoneOrExtension(digits: string): readonly LabUser[];
}

/** The web services' own CA and the users' published certificates (GetAndPublishCert; read again by the registrar). */
export interface ClientCertificateStore {
  /** The CA's certificate, PEM. */
  readonly authorityPem: string;
  /** Issues and publishes; the subject's CN is `user@domain`. */
  issueAndPublish(request: { publicKey: KeyObject; sipUri: string; deviceId: string; hours: number }): { certificate: Buffer };
  /** Whether exactly this certificate (DER) was published for that user. */
  isPublished(certificate: Buffer, sipUri: string): boolean;
  /** Unpublishes every certificate of that user; none is taken from the phones, but none is accepted any more. */
  revoke(sipUri: string): void;
}

/** What the lab's services share. Everything is read at the time of use, so that a change takes effect at once. */
export interface Deployment {
  readonly topology: Topology;
  readonly policy: LabPolicy;
  readonly users: UserStore;
  readonly clientCertificates: ClientCertificateStore;
  readonly trace: Trace;
  readonly now: () => number;
  /** `https://lync.contoso.lab:443` without a path, or the advertised address and its real port. */
  baseUrl(fqdn: string, scheme: 'http' | 'https'): string;
  /** DER of the issuer chain of a server's web certificate, root included. */
  webIssuerChain(fqdn: string): readonly Buffer[];
  /** DER of an authority, its issuer and so on up to the root; undefined for an unknown one. */
  authorityChain(name: string): readonly Buffer[] | undefined;
  /** Where an Exchange server has EWS, as Autodiscover tells it. */
  ewsUrl(fqdn: string): string;
}

/** A server's TLS identity. */
export interface ServerIdentity {
  /** Leaf first, then the intermediates it sends. */
  certificatePem: string;
  privateKeyPem: string;
}
