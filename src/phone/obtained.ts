import type { PhoneContext } from './machine-types.js';
import { userServices, type UserService } from './user-services.js';

/** What the phone got on the way to the home screen, and there in the background. */
export type Obtained = Record<'rootChain' | 'clientCertificate' | 'lockPolicy' | UserService, boolean>;

/** As far as it is known by now. */
export function obtainedOf({ memory, userServices: results }: Pick<PhoneContext, 'memory' | 'userServices'>): Obtained {
  return {
    rootChain: memory.downloadedRoots.length + memory.directoryRoots.length > 0,
    clientCertificate: memory.clientCertificate !== undefined,
    lockPolicy: memory.lock?.policy !== undefined,
    ...Object.fromEntries(userServices.map((service) => [service, results[service]?.data !== undefined])) as Record<UserService, boolean>,
  };
}
