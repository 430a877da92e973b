import { readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { DhcpLeases } from '../lab/dhcp-leases.js';
import { startDhcpServer } from '../lab/dhcp-server.js';
import { topologySchema } from '../lab/topology-schema.js';
import { HostNetwork } from '../network/host-network.js';
import { MappedNetwork } from '../network/mapped-network.js';
import type { Network } from '../network/network.js';
import { deviceSteps } from '../phone/device-steps.js';
import { presentedInTrace } from '../phone/presented-chain.js';
import { readPemCertificates } from '../protocol/x509/pem.js';
import { Trace } from '../trace/trace.js';
import { liveCredentials, type AccountSecrets } from './accounts.js';
import { LiveNetwork } from './live-network.js';
import type { LiveTarget } from './plan-schema.js';
import { signsInAt } from './planned-cells.js';
import type { Target } from './target.js';

const loopback = '127.0.0.1';

/**
 * Real servers, reached over the host's network. Nothing is sent before a phone sends it. Rejects with `network/no-interface`, `network/dhcp-port`, `plan/unreadable`
 * or `plan/no-roots`.
 */
export async function openLiveTarget(name: string, live: LiveTarget, accounts: readonly AccountSecrets[]): Promise<Target> {
  const [directoryRoots, publicRoots] = [live.directoryRoots.flatMap(readRoots), live.publicRoots.flatMap(readRoots)];
  const host = new HostNetwork({
    interface: live.interface, domainName: live.domainName, nameServers: live.dnsServer && [live.dnsServer], dhcpServer: live.dhcpServer,
  });
  await host.checkDhcp();
  const dhcp = live.dhcpOptions && await dhcpStandIn(live.dhcpOptions, live.domainName ?? live.sipDomains[0] ?? 'invalid');
  const network = new LiveNetwork({ host, dhcp: dhcp?.network, connectTo: live.connectTo, domainName: live.domainName });
  return {
    name, live: true, users: [],
    accounts: accounts.filter(({ account }) => signsInAt(account, { live }))
      .map((each) => ({ name: each.name, credentialsFor: (phone) => liveCredentials(phone, each) })),
    network,
    warnings: () => network.unused.map(({ host: meant, port }) => `No phone connected to ${meant}${port === undefined ? '' : `:${port}`} at ${name}, so that rule of connectTo was of no use: is the name what DHCP and DNS give?`),
    ...(directoryRoots.length === 0 ? {} : {
      steps: {
        ...deviceSteps,
        fetchDirectoryRoots: (_input, { trace }) => {
          trace.record('phone', {
            layer: 'note', summary: `The plan stands in for the directory: ${directoryRoots.length} root certificate${directoryRoots.length === 1 ? '' : 's'}.`,
            learnt: { from: 'directory', certificates: presentedInTrace(directoryRoots) },
          });
          return Promise.resolve(directoryRoots);
        },
      },
    }),
    withPublicRoots: (profile) => (publicRoots.length === 0 ? profile : { ...profile, publicRoots: [...profile.publicRoots, ...publicRoots] }),
    change: () => Promise.resolve(),
    close: async () => { await dhcp?.close(); },
  };
}

/** The lab's DHCP server, telling what the plan says the phones' own one tells. */
async function dhcpStandIn({ webServer, registrar }: NonNullable<LiveTarget['dhcpOptions']>, domainName: string): Promise<{ network: Network; close: () => Promise<void> }> {
  const settings = topologySchema.shape.dhcp.parse({
    domainName, option43: webServer === undefined ? null : { webServerFqdn: webServer }, option120: registrar ?? null, lease: null,
  });
  const server = await startDhcpServer({ settings: () => settings, nameServers: () => [], leases: new DhcpLeases(Date.now), trace: new Trace(), bindAddress: loopback });
  const network = new MappedNetwork({
    localAddress: loopback, nameServers: [], domainName, forward: new Map([['255.255.255.255:67/udp', [{ address: loopback, port: server.port }]]]),
  });
  return { network, close: () => server.close() };
}

function readRoots(file: string): Buffer[] {
  const roots = readPemCertificates(readText(file, 'plan', 'PEM file')).map(({ der }) => der);
  if (roots.length === 0) throw new Failure('plan/no-roots', `The file ${file} holds no certificate as PEM.`);
  return roots;
}
