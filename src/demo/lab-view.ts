import type { Lab } from '../lab/lab.js';
import type { LabUser } from '../lab/topology-schema.js';
import { presentedInTrace } from '../phone/presented-chain.js';
import type { LabAction, LabView } from './messages.js';

/** The server side as it is now. */
export function labView({ topology, services, deployment }: Lab): LabView {
  return {
    name: topology.name, description: topology.description, sipDomains: topology.sipDomains,
    authorities: Object.entries(topology.authorities).map(([name, { commonName, issuer }]) => ({ name, commonName, ...(issuer === undefined ? {} : { issuer }) })),
    certificates: Object.entries(topology.certificates).map(([name, spec]) => {
      const { leaf, issuerChain } = deployment.certificate(name);
      return {
        name, spec, chain: presentedInTrace([leaf, ...issuerChain]).filter((each) => each !== undefined)
          .map(({ subject, issuer, names, notBefore, notAfter, key, signature, fingerprint }) => ({ subject, issuer, names: [...names], notBefore, notAfter, key, signature, fingerprint })),
        usedBy: services.filter(({ tls }) => tls?.certificate === name).map(({ fqdn, service }) => `${fqdn}/${service}`),
      };
    }),
    dns: topology.dns, dhcp: topology.dhcp, users: topology.users.map(userView), policy: topology.policy, updates: topology.updates, faults: topology.faults,
    servers: topology.servers.map(({ fqdn, address, registrar, director, edge, web, exchange }) => ({
      fqdn, address, running: !deployment.isStopped(fqdn), ...minimumTlsOf([registrar, director, edge, web, exchange]),
      services: services.filter((each) => each.fqdn === fqdn)
        .map(({ service, declared, tls }) => ({ service, port: declared.port, ...(tls === undefined ? {} : { certificate: tls.certificate }) })),
    })),
  };
}

/** Of the services of one server; a topology may declare several. */
function minimumTlsOf(services: readonly ({ minimumTls: string } | undefined)[]): { minimumTls?: string } {
  const found = [...new Set(services.flatMap((service) => (service === undefined ? [] : [service.minimumTls])))];
  return found.length === 0 ? {} : { minimumTls: found.join(', ') };
}

function userView({ sipUri, displayName, lineUri = '', pin, account, password, enabled = true, pinEnabled = true, pinLocked = false }: LabUser): LabView['users'][number] {
  const [, number] = /^tel:(\+?\d+)/.exec(lineUri) ?? [];
  const [, extension] = /;ext=(\d+)/.exec(lineUri) ?? [];
  return {
    sipUri, displayName, account, password, enabled, pinEnabled, pinLocked,
    ...(extension === undefined ? {} : { extension }), ...(number === undefined ? {} : { number }), ...(pin === undefined ? {} : { pin }),
  };
}

/** Switches something at the lab, as its control API does, and rejects with the same Failures. */
export async function changeLab(lab: Lab, action: LabAction): Promise<void> {
  switch (action.action) {
    case 'certificate': await lab.setCertificate(action.name, action.change); break;
    case 'dns': lab.setDnsRecords(action.records); break;
    case 'dhcp': lab.setDhcp(action.change); break;
    case 'policy': lab.setPolicy(action.change); break;
    case 'updates': lab.setUpdates(action.change); break;
    case 'faults': lab.setFaults(action.change); break;
    case 'user': lab.setUser(action.sipUri, action.change); break;
    case 'revoke-certificates': lab.revokeClientCertificates(action.sipUri); break;
    case 'server': await lab.setServer(action.fqdn, action.change); break;
  }
}
