import { randomInt } from 'node:crypto';
import { Failure } from '../failure.js';
import { within } from '../network/deadline.js';
import { domainNameOf } from '../protocol/dhcp/lease-options.js';
import type { DhcpMessage } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { decodeProvisioningOption, provisioningVendorClass, type ProvisioningOption } from '../protocol/dhcp/provisioning-option.js';
import { decodeSipServersOption } from '../protocol/dhcp/sip-servers-option.js';
import { canonicalName } from '../protocol/dns/name.js';
import { askDhcpServers, readOrNote, recordAnswer } from './dhcp-client.js';
import type { Discovery, StepTools } from './steps.js';

/**
 * Asks DHCP for the web service and the first logon server: DHCPINFORM of class MS-UC-Client for options 120 and 43. The first answer that holds
 * a host name wins and ends it, so that later ones are not even heard (Microsoft, "Connecting Lync Phone Edition": device discovery).
 * Nobody answering is not a failure here: DNS can still give a registrar. A profile without attempts (a PC) does not ask. Rejects only when `tools.signal` aborts.
 */
export async function discover(tools: StepTools): Promise<Discovery> {
  const nothing: Discovery = { certProvUrl: undefined, sipServer: undefined, domainName: tools.network.domainName };
  const transactionId = randomInt(2 ** 32);
  const attempts = tools.profile.discovery.dhcpAttempts.value;
  for (const wait of attempts) {
    const answers = await ask(transactionId, wait, tools);
    tools.signal.throwIfAborted();
    const winner = answers.find(holdsHostName);
    if (winner !== undefined) return winner;
    // Assumed: a server that has nothing to tell is believed; nobody documents that the phone asks it again.
    if (answers[0] !== undefined) return answers[0];
  }
  if (attempts.length > 0) {
    tools.trace.record('phone', { layer: 'note', summary: 'No DHCP server answered the class MS-UC-Client; only DNS is left to find the registrar.' });
  }
  return nothing;
}

function holdsHostName(answer: Discovery): boolean {
  return answer.certProvUrl !== undefined || answer.sipServer !== undefined;
}

/** Sends one DHCPINFORM and collects what comes back, up to the first answer that holds a host name or until `wait` is over. */
async function ask(transactionId: number, wait: number, tools: StepTools): Promise<Discovery[]> {
  const options = [
    [optionCodes.vendorClass, Buffer.from(provisioningVendorClass, 'latin1')],
    [optionCodes.parameterRequestList, Buffer.of(optionCodes.sipServers, optionCodes.vendorSpecific)],
  ] as const;
  const question = { type: 'inform', transactionId, options, answers: ['ack'], summary: `${provisioningVendorClass}, options 120 and 43 wanted` } as const;
  return within(tools, wait, async (signal) => {
    const answers: Discovery[] = [];
    for await (const message of askDhcpServers(question, tools, signal)) {
      const answer = read(message, tools);
      answers.push(answer);
      if (holdsHostName(answer)) break;
    }
    return answers;
  });
}

function read(message: DhcpMessage, tools: StepTools): Discovery {
  const option43 = message.options.get(optionCodes.vendorSpecific);
  const option120 = message.options.get(optionCodes.sipServers);
  const certProvUrl = option43 && readOrNote(() => urlOf(decodeProvisioningOption(option43)), tools);
  const sipServers = option120 && readOrNote(() => decodeSipServersOption(option120), tools);
  recordAnswer(message, `DHCPACK option 43: ${certProvUrl ?? 'nothing usable'}, option 120: ${sipServers?.name ?? 'nothing usable'}`, tools, { told: { certProvUrl, sipServer: sipServers?.name } });
  if (sipServers?.others === true) tools.trace.record('phone', { layer: 'note', summary: 'DHCP option 120 names several servers; the first counts.' });
  return { certProvUrl, sipServer: sipServers?.name, domainName: domainNameOf(message.options) ?? tools.network.domainName };
}

/** The address of the certificate service that option 43 tells. Throws `phone/option-43` where its parts make none. */
function urlOf({ urlScheme, webServerFqdn, webServerPort, certProvRelPath }: ProvisioningOption): string {
  if (urlScheme === undefined || webServerFqdn === undefined || certProvRelPath === undefined) {
    const missing = Object.entries({ 2: urlScheme, 3: webServerFqdn, 5: certProvRelPath }).flatMap(([code, value]) => value === undefined ? [code] : []);
    throw new Failure('phone/option-43', `DHCP option 43 gives no address of a web service: it lacks sub-option ${missing.join(', ')}.`);
  }
  const text = `${urlScheme}://${webServerFqdn}${webServerPort === undefined ? '' : `:${webServerPort}`}${certProvRelPath}`;
  const url = /^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // The parts come from a stranger: a host name with a slash or an @ in it would lead elsewhere than it says.
  if (url === undefined || canonicalName(url.hostname) !== canonicalName(webServerFqdn)) {
    throw new Failure('phone/option-43', `DHCP option 43 gives no address of a web service: '${text}' is not one.`);
  }
  return text;
}
