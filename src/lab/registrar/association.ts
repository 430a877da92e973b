import type { SecurityAssociation } from '../../protocol/sip/security-association.js';
import type { LabUser } from '../topology-schema.js';

/** A client that has proven who it is, on one connection: requests signed with it are this user's at this endpoint. */
export interface Association {
  security: SecurityAssociation;
  user: LabUser;
  /** Address of record, in lower case. */
  aor: string;
  epid: string;
  /** Milliseconds since 1970: eight hours, or the client certificate's end if that comes first. */
  expires: number;
}

/** How long an association may live (MS-SIPAE 3.2.2). */
export const associationLifetime = 8 * 60 * 60 * 1000;
