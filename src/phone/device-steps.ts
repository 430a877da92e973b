import { acquireAddress } from './address.js';
import { fetchDirectoryRoots } from './directory-roots.js';
import { discover } from './discovery.js';
import { connectExchange, locateExchange } from './exchange/connect.js';
import { renewLease } from './lease-renewal.js';
import { locateRegistrars } from './registrar-candidates.js';
import { connectRegistrar } from './sip/session.js';
import type { PhoneSteps } from './steps.js';
import { askTime } from './time-of-day.js';
import { learnVlan } from './voice-vlan.js';
import { publishCertificate } from './web/client-certificate.js';
import { checkForUpdate } from './web/device-update.js';
import { fetchRootChain } from './web/root-chain.js';
import { obtainWebTicket } from './web/web-ticket.js';

/** The steps of the device itself: LLDP, DHCP, DNS, NTP, LDAP, HTTP and SIP over the phone's network. */
export const deviceSteps: PhoneSteps = {
  learnVlan,
  acquireAddress,
  renewLease,
  askTime,
  checkForUpdate,
  discover,
  fetchRootChain,
  fetchDirectoryRoots,
  obtainWebTicket,
  publishCertificate,
  locateRegistrars,
  locateExchange,
  connectExchange,
  connect: connectRegistrar,
};
