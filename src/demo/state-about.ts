import type { FirmwareProfile } from '../firmware/schema.js';
import { weakest, type Sourced } from '../firmware/sourced.js';
import { valueText } from '../firmware/value-text.js';
import type { PhoneState } from '../phone/phone.js';
import type { StateAbout } from './messages.js';

interface About {
  text: string;
  /** The build's values that count there, by their path in the profile. */
  values: readonly string[];
}

/** What happens in each state of the machine. */
const states: Readonly<Record<PhoneState, About>> = {
  off: { text: 'Without power. What survives is the installed build, the roots it has learnt, its client certificate, AD credentials and the last good registrar; a PIN does not.', values: [] },
  booting: { text: 'The build starts. Keys held now reset the phone: * and # clear what it has learnt, 4 and 6 bring back the build of the factory, too.', values: ['screens.starting', 'timers.boot', 'time.afterPowerCut'] },
  vlan: { text: 'The switch is listened to (LLDP-MED), then DHCP servers are asked, for the VLAN of the phones. Without an answer the phone stays untagged.', values: ['screens.acquiring-ip-address', 'network.voiceVlan', 'network.lldpWait', 'network.vlanAttempts'] },
  address: { text: 'DHCP: an address, the name servers and the domain of the network.', values: ['screens.acquiring-ip-address', 'network.leaseAttempts'] },
  time: { text: 'A time server is looked up and asked, since certificates are judged by the clock. A phone that is told no time goes on with the one it has.', values: ['time.fallbackServer', 'time.attempts'] },
  updateCheck: { text: 'Before anyone signs in, over plain HTTP: is another build approved for this phone? If so it is fetched, verified and installed, and the phone comes back as that build.', values: ['update.hostBeforeSignIn', 'timers.updateCheck'] },
  discovering: { text: 'DHCP options 43 and 120: where the certificate web service and the registrar are.', values: ['discovery.dhcpAttempts'] },
  waitingForUser: { text: 'The sign-in screen. A phone that remembers a certificate or AD credentials passes through.', values: ['screens.sign-in', 'signIn.methods'] },
  rootChain: { text: 'The roots to trust: by PIN the chain of the certificate web service over plain HTTP, by USB the directory. The first chain learnt is kept until a reset.', values: ['screens.locating-certificate-server', 'certificate.publicRoots'] },
  webTicket: { text: 'The first TLS connection of the sign-in: the web services certificate is judged, then number and PIN, or the AD credentials, buy a ticket.', values: ['screens.locating-certificate-server', 'certificate.wildcardSan.web', 'certificate.onRefusal.web', 'certificate.signatureHashes'] },
  clientCertificate: { text: 'The phone makes a key and has the web services certify it. From here on it no longer needs PIN or password.', values: ['signIn.keyBits', 'signIn.certificateRequestHash'] },
  connecting: { text: 'The candidates for the registrar are tried one after the other. This is where the certificate of the registrar is judged: dates, chain, key, and whether its names cover the name the phone meant.', values: ['screens.connecting-to-lync-server', 'discovery.candidates', 'discovery.strictDnsNaming', 'certificate.wildcardSan.sip', 'certificate.onRefusal.sip', 'timers.connect'] },
  registering: { text: 'REGISTER, authenticated by the client certificate (TLS-DSK) or the AD credentials (NTLM).', values: ['signIn.registrarAuthentication', 'signIn.authenticationVersion', 'timers.request'] },
  provisioning: { text: 'What the deployment tells a client in-band: names of servers, policies, the display name of the user.', values: ['timers.provisioning'] },
  signedIn: { text: 'The home screen. Contacts, presence, Exchange and updates are asked for in the background; whatever comes of it, the phone stays signed in.', values: ['screens.home', 'screens.exchange-unavailable', 'timers.exchangeRetry', 'signIn.certificateRenewal'] },
  signingOut: { text: 'The registrar is told, then the user is forgotten.', values: ['screens.home'] },
  retrying: { text: 'Something went wrong that the phone tries again by itself, each time after a longer wait. The message stays.', values: ['screens.cannot-connect-retrying', 'timers.retryFirst', 'timers.retryFactor', 'timers.retryLongest'] },
  refused: { text: 'Something went wrong that trying again does not mend; the phone waits for its user.', values: ['screens.pin-incorrect', 'screens.account-not-found'] },
  rebooting: { text: 'The phone goes down to come back: with a new build, or because this build reboots where others would try again.', values: ['screens.starting', 'certificate.onRefusal.web'] },
  rebootLoop: { text: 'It has restarted again and again without reaching the sign-in. A real phone would go on; the emulator stops here and says so.', values: ['timers.rebootLoopAfter'] },
};

/** Each state for a build: what happens there, and the build's values that count, with where they come from. */
export function stateAbout(profile: FirmwareProfile): Record<string, StateAbout> {
  return Object.fromEntries(Object.entries(states).map(([state, { text, values }]) => {
    const found = values.map((path) => {
      const { value, confidence, disputed, evidence, note } = valueAt(profile, path);
      return { name: path, value: valueText(path, value), confidence, disputed: disputed === true, evidence: [...evidence], ...(note === undefined ? {} : { note }) };
    });
    return [state, { text, confidence: weakest(found.map(({ confidence }) => confidence)), values: found }];
  }));
}

/** @param path `certificate.wildcardSan.sip`; a RangeError where no profile has such a value */
function valueAt(profile: FirmwareProfile, path: string): Sourced<unknown> {
  const found = path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined), profile);
  if (typeof found === 'object' && found !== null && 'confidence' in found) return found as Sourced<unknown>;
  throw new RangeError(`Profiles have no value ${path}.`);
}
