import { Failure } from '../failure.js';
import type { Lookup } from '../protocol/dns/resolver.js';
import { askNtpServer } from '../protocol/ntp/client.js';
import { resolverOf } from './step-tools.js';
import type { StepTools, TimeOfDay } from './steps.js';

const ntpPort = 123;

/**
 * Asks a time server what time it is: one that the SRV record `_ntp._udp.<domain>` names, or, where there is no such record, the profile's fallback
 * (Microsoft, "Connecting Lync Phone Edition": setting the date and time). That servers which are named but silent are not replaced by the fallback
 * is inferred; that the phone asks when it starts, and not again while it runs, is assumed. A profile without attempts (a PC) does not ask. Never a failure: what was tried in vain is told. Rejects only when `tools.signal` aborts.
 */
export async function askTime({ domain }: { domain: string | undefined }, tools: StepTools): Promise<TimeOfDay> {
  const { time } = tools.profile;
  if (time.attempts.value.length === 0) return { correction: undefined, tried: [] };
  const resolver = resolverOf(tools);
  const tried: string[] = [];
  const named = domain === undefined ? undefined : await resolver.srv(`_ntp._udp.${domain}`);
  if (named !== undefined && named.records.length === 0) tried.push(said(named));
  const servers = named?.records.length ? named.records.map(({ target, port }) => ({ host: target, port })) : [{ host: time.fallbackServer.value, port: ntpPort }];
  for (const { host, port } of servers) {
    const addresses = await resolver.addresses(host);
    const [address] = addresses.records;
    if (address === undefined) {
      tried.push(said(addresses));
      continue;
    }
    for (const timeout of time.attempts.value) {
      try {
        const milliseconds = await askNtpServer({ ...tools, server: { address, port }, timeout });
        return { correction: { milliseconds, server: host }, tried };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        tried.push(`${host}: ${error.message.replace(/\.$/, '')}`);
      }
    }
  }
  tools.trace.record('phone', { layer: 'note', summary: `The phone's clock could not be set. ${tried.join('; ')}.`, detail: { clockSet: false, tried: tried.join('; ') } });
  return { correction: undefined, tried };
}

const said = ({ question, answer }: Lookup<unknown>) => `${question}: ${answer}`;
