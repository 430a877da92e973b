import type { FirmwareProfile } from '../firmware/schema.js';
import type { ScreenId } from '../firmware/screen-ids.js';
import { userAtDomain } from '../protocol/sip/name-address.js';
import { isUnderWay, type Call } from './call.js';
import type { ExchangeStatus } from './exchange/status.js';
import type { PhoneContext, StateMeta } from './machine-types.js';
import type { Stage } from './steps.js';

/** What the display shows while a stage is under way. */
export const stageScreens: Record<Stage, ScreenId> = {
  booting: 'starting',
  vlan: 'acquiring-ip-address',
  address: 'acquiring-ip-address',
  // Assumed, of these two: what the display shows meanwhile is not told; nothing else is known between address and sign-in.
  time: 'acquiring-ip-address',
  updateCheck: 'acquiring-ip-address',
  discovering: 'acquiring-ip-address',
  waitingForUser: 'sign-in',
  rootChain: 'locating-certificate-server',
  // Assumed, of these two and of the last before the home screen: that the words of the stage before stay.
  webTicket: 'locating-certificate-server',
  clientCertificate: 'locating-certificate-server',
  connecting: 'connecting-to-lync-server',
  registering: 'connecting-to-lync-server',
  provisioning: 'connecting-to-lync-server',
  signedIn: 'home',
};

type ScreenContext = Pick<PhoneContext, 'profile' | 'failure' | 'failedStage' | 'discovery' | 'exchange' | 'lock' | 'call' | 'settings' | 'memory'>;

/** The display, line by line, in a state of the machine; nothing while the power is off. */
export function screenLines(meta: StateMeta, context: ScreenContext): readonly string[] {
  if (meta.screen === undefined) return [];
  return filledIn(context.profile.screens[screenOf(meta.screen, meta, context)].value, context);
}

function screenOf(own: ScreenId, meta: StateMeta, { profile, failure, failedStage, discovery, exchange, lock, call }: ScreenContext): ScreenId {
  // A locked phone makes and takes calls all the same.
  if (meta.stage === 'signedIn') return screenOfCall(call) ?? (lock === 'locked' ? 'locked' : screenOfExchange(exchange) ?? own);
  // A failure's message outlives the rounds of retrying that follow it; a phone was seen to show it without end.
  if (failure !== undefined && own !== 'starting') return shown(profile, failure.screen) ?? screenOfFailed(failedStage) ?? own;
  // The address is there already: this is DHCPINFORM again, at the user's bidding.
  if (meta.stage === 'discovering' && discovery !== undefined) return 'locating-certificate-server';
  return own;
}

function screenOfCall(call: Call | undefined): ScreenId | undefined {
  if (!isUnderWay(call)) return undefined;
  if (call.state === 'connected') return 'in-call';
  return call.direction === 'outgoing' ? 'calling' : 'incoming-call';
}

/** What is missing takes the place of the home screen; how long it stays there is not known. */
function screenOfExchange(exchange: ExchangeStatus | undefined): ScreenId | undefined {
  switch (exchange?.state) {
    case 'unavailable-server': return 'exchange-unavailable';
    case 'unavailable-credentials': return 'exchange-credentials';
    default: return undefined;
  }
}

/** Without a message of its own a failure leaves the display as it was; one that ends a sign-in has left the home screen. */
function screenOfFailed(stage: Stage | undefined): ScreenId | undefined {
  return stage === undefined ? undefined : stageScreens[stage === 'signedIn' ? 'connecting' : stage];
}

function shown(profile: FirmwareProfile, screen: string | undefined): ScreenId | undefined {
  return screen !== undefined && screen in profile.screens ? screen as ScreenId : undefined;
}

/** What a line of the display can hold of what a server told. */
const longestText = 60;

/**
 * A profile's lines with `{displayName}` and `{line}` replaced by what in-band provisioning told of the user, and `{peer}` by who is at the other end of a call; a line with nothing to show is
 * left out. A user without a display name is shown by address.
 */
function filledIn(lines: readonly string[], { settings, memory, call }: ScreenContext): readonly string[] {
  if (!lines.some((line) => line.includes('{'))) return lines;
  const values: Readonly<Record<string, string>> = {
    displayName: settings?.displayName ?? userAtDomain((memory.clientCertificate ?? memory.credentials)?.sipUri ?? ''),
    peer: call?.peer.displayName ?? call?.peer.uri.replace(/^sips?:|;.*/gi, '') ?? '',
    line: (settings?.lineUri ?? '').replace(/^tel:/i, '').replace(/;ext=/i, ' X').replace(/;.*/, ''),
  };
  const filled = lines.map((line) => line.replace(/\{(\w+)\}/g, (_, name: string) => printable(values[name] ?? '')));
  return filled.filter((line) => line !== '');
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, '').trim().slice(0, longestText);
}
