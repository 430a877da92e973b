import { certProvPath } from '../../protocol/certprov/path.js';
import type { Deployment } from '../deployment.js';

/** Where a ticket with a proof key is taken. The path is the lab's own: clients learn it from MEX. */
export const certProvProofPath = `${certProvPath}/WebTicket_Proof_SHA1`;
/** The web ticket service; the base path takes Windows credentials. */
export const webTicketPath = '/WebTicket/WebTicketService.svc';

/** The update service: for devices inside, and for those outside, who must say who they are. */
export const updatePath = { internal: '/RequestHandler/ucdevice.upx', external: '/RequestHandlerExt/ucdevice.upx' } as const;
/** Where its files lie. */
export const updateStorePath = { internal: '/RequestHandler/Files', external: '/RequestHandlerExt/Files' } as const;

/** The address of the port that takes a ticket with a proof key, at one server. */
export function certProvProofUrl(deployment: Deployment, fqdn: string): string {
  return deployment.baseUrl(fqdn, 'https') + certProvProofPath;
}
