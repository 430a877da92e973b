import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Lab } from '../../src/lab/lab.js';

/** Secrets of the accounts in `livePlan`, where the plan looks for them. */
export const liveSecrets = { ALICE_PIN: '482135790264', ALICE_PASSWORD: 'lab-password-alice' };

export const portOf = (lab: Lab, service: string) => lab.services.find((each) => each.service === service)?.port ?? 0;

/** Where the plan's one server is, web services without TLS first. */
export const connectTo = (lab: Lab) => [['80', 'http'], ['443', 'https'], ['5061', 'registrar']].map(([port, service]) => `lync.contoso.lab:${port}:127.0.0.1:${portOf(lab, service ?? '')}`);

/** Writes a plan for a lab of `smallTopology` as if it were somebody's servers: known by their addresses only. Gives the file. */
export function livePlan(folder: string, lab: Lab, change: { live?: object; phones?: object[]; limits?: object } = {}): string {
  const file = join(folder, 'plan.yaml');
  writeFileSync(join(folder, 'root.pem'), lab.rootCertificates()[0]?.pem ?? '');
  writeFileSync(file, stringify({
    schema: 1, name: 'live', phones: change.phones ?? [{ firmware: '4.0.7577.4100', signIn: 'pin' }], ...(change.limits === undefined ? {} : { limits: change.limits }),
    targets: { pool: { live: {
      sipDomains: ['contoso.lab'], interface: '127.0.0.1', dnsServer: `127.0.0.1:${portOf(lab, 'dns')}`, domainName: 'contoso.lab',
      dhcpOptions: { webServer: 'lync.contoso.lab', registrar: 'lync.contoso.lab' },
      connectTo: connectTo(lab),
      directoryRoots: ['root.pem'], ...change.live,
    } } },
    accounts: { alice: { sipUri: 'sip:alice@contoso.lab', number: '100', logon: String.raw`CONTOSO\alice`, pin: { env: 'ALICE_PIN' }, password: { env: 'ALICE_PASSWORD' } } },
  }));
  return file;
}
