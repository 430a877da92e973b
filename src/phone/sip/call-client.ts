import { randomBytes } from 'node:crypto';
import type { IncomingInviteRequest, OutgoingInviteRequest, OutgoingInviteRequestDelegate, Session } from 'sip.js/lib/core/index.js';
import type { Clock } from '../../clock.js';
import { Failure, understood } from '../../failure.js';
import { audioAnswer, audioOffer, codecOfAnswer, sdpType, type Origin } from '../../protocol/sdp/audio.js';
import { formatSessionDescription, parseSessionDescription, type SessionDescription } from '../../protocol/sdp/session-description.js';
import { SipMessage } from '../../protocol/sip/message.js';
import { parseNameAddress, parseNameAddresses } from '../../protocol/sip/name-address.js';
import { isUnderWay, type Call, type CallAction, type CallPeer } from '../call.js';
import { dialledAddress } from './dialled-address.js';
import type { Endpoint } from './endpoint.js';
import { agreedTimer, leastWanted, SessionTimer, timerAnswer, timerRefresh, timerRequest, usualInterval, type SessionTimerAgreement } from './session-timer.js';
import type { PhoneUserAgent } from './user-agent.js';

export interface CallClientOptions {
  clock: Clock;
  endpoint: Endpoint;
  userAgent: PhoneUserAgent;
  /** `tel:+15550100;ext=100` of the user, once known. */
  lineUri: () => string | undefined;
  report: (call: Call) => void;
  /** Sets up a new security association: the server has forgotten the one of now. */
  reauthenticate: () => Promise<void>;
}

/** What the keys do to the call there is. */
interface Keys {
  answer?: () => void;
  hangUp: () => void;
  reject?: () => void;
}

type Ending = NonNullable<Call['ended']>;

/** What the phone says of its media in a call. */
interface LocalMedia {
  origin: Origin;
  description: SessionDescription;
}

/** What the user's "reject" says; which status the device sends is not known. */
const declined = 603;

/** INVITEs of one call, at most: a server may want longer intervals without end. */
const mostAttempts = 5;

/**
 * Calls out and in by INVITE (RFC 3261 sections 13 to 15), signalling only: sip.js runs the dialogs, offer and answer name a media
 * address where nobody listens. One call at a time; another one is answered 486. What the other end changes in a call (a re-INVITE, as for hold) is
 * answered, and shows nowhere.
 */
export class CallClient {
  readonly #options: CallClientOptions;
  #call: Call | undefined;
  #keys: Keys | undefined;
  readonly #timer: SessionTimer;

  constructor(options: CallClientOptions) {
    this.#options = options;
    this.#timer = new SessionTimer(options.clock);
    options.userAgent.core.delegate = {
      onInvite: (request) => { this.#ring(request); },
      // The device has no use for instant messages.
      onMessage: (request) => { request.reject({ statusCode: 405, extraHeaders: ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY'] }); },
    };
  }

  act(action: CallAction): void {
    if (action.do === 'dial') {
      if (!isUnderWay(this.#call)) this.#dial(action.target);
    } else if (isUnderWay(this.#call)) {
      if (action.do === 'hang-up') this.#keys?.hangUp();
      else this.#keys?.[action.do]?.();
    }
  }

  /** The registration has gone, and what went over it: tells nobody. */
  abandon(reason: string): void {
    this.#end(this.#call, { reason });
  }

  #dial(target: string): void {
    const { endpoint: { sipUri, sipDomain } } = this.#options;
    const address = dialledAddress(target, sipDomain);
    const call: Call = { direction: 'outgoing', state: 'calling', peer: { uri: address ?? target, displayName: undefined } };
    this.#call = call;
    try {
      if (address === undefined) throw new Failure('phone/not-dialled', `${JSON.stringify(target.slice(0, 100))} is neither a phone number nor a SIP address.`);
      this.#invite(call, address, sipUri);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#end(call, { reason: error.message });
    }
  }

  /** `attempt`: of the same call, the requests of which have a Call-ID in common and From tags of their own (RFC 4028 erratum 1681). */
  #invite(call: Call, address: string, sipUri: string, { again = false, interval = usualInterval, callId = randomBytes(16).toString('hex'), attempt = 1 } = {}): void {
    const { userAgent, endpoint, lineUri, reauthenticate } = this.#options;
    const line = lineUri();
    const media = offeredMedia();
    const request = userAgent.compose({
      method: 'INVITE', requestUri: address, to: address, callId, fromTag: randomBytes(5).toString('hex'), cseq: attempt,
      headers: [
        `Contact: ${userAgent.contact}`, `User-Agent: ${endpoint.userAgent}`,
        `P-Preferred-Identity: <${sipUri}>${line === undefined ? '' : `, <${line}>`}`, ...timerRequest(interval),
      ],
      body: sdpBody(media.description),
    });
    const client: OutgoingInviteRequest = userAgent.core.invite(request, {
      onProgress: ({ message }) => {
        const response = SipMessage.parse(message.data);
        if (this.#call === call && call.state === 'calling' && response.status !== 183) this.#change(call, { state: 'ringing', peer: peerOf(response, 'To') });
      },
      onAccept: (accepted) => {
        const { message, session } = accepted;
        accepted.ack();
        // Hung up in the meantime, or answered at a second endpoint too.
        if (this.#call !== call || call.state === 'connected' || call.state === 'ended') { session.bye(); return; }
        const response = SipMessage.parse(message.data);
        const codec = understood(() => codecOfAnswer(parseSessionDescription(response.body)));
        if (codec === undefined) {
          session.bye();
          this.#end(call, { reason: 'the other end answered with media that the phone does not know' });
        } else {
          this.#connect(call, session, media, { peer: peerOf(response, 'To'), codec });
          this.#keepAlive(call, session, media, agreedTimer(response, interval === usualInterval ? undefined : interval));
        }
      },
      onRedirect: ({ message }) => { this.#end(call, refusalOf(message.data)); },
      onReject: ({ message }) => {
        const longer = message.data ? leastWanted(SipMessage.parse(message.data)) : undefined;
        // Each proxy on the way may want longer ones than the last (RFC 4028 section 13).
        if (longer !== undefined && longer > interval && attempt < mostAttempts && this.#call === call && isUnderWay(call)) {
          this.#invite(call, address, sipUri, { again, interval: longer, callId, attempt: attempt + 1 });
          return;
        }
        if (message.statusCode !== 401 || again || this.#call !== call) { this.#end(call, refusalOf(message.data)); return; }
        reauthenticate().then(
          () => { if (this.#call === call && isUnderWay(call)) this.#invite(call, address, sipUri, { again: true, interval, callId, attempt: attempt + 1 }); },
          () => { this.#end(call, refusalOf(message.data)); },
        );
      },
    });
    this.#keys = {
      hangUp: () => {
        client.cancel();
        this.#end(call, { reason: 'hung up here' });
      },
    };
    this.#report();
  }

  #ring(request: IncomingInviteRequest): void {
    const { userAgent } = this.#options;
    const invite = SipMessage.parse(request.message.data);
    if (isUnderWay(this.#call)) { request.reject({ statusCode: 486 }); return; }
    const answer = answerTo(invite, newOrigin());
    if ('status' in answer) {
      userAgent.note(`An incoming call was refused with ${answer.status}: ${answer.why}.`);
      request.reject({ statusCode: answer.status, extraHeaders: answer.headers });
      return;
    }
    const { media, codec, timer } = answer;
    request.progress({ statusCode: 180 });
    const call: Call = { direction: 'incoming', state: 'ringing', peer: peerOf(invite, 'From') };
    this.#call = call;
    const refuse = (statusCode: number, reason: string) => {
      request.reject({ statusCode });
      this.#end(call, { status: statusCode, reason });
    };
    const reject = () => { refuse(declined, 'rejected here'); };
    request.delegate = { onCancel: () => { if (call.state === 'ringing') refuse(487, 'cancelled by the caller'); } };
    this.#keys = {
      reject,
      hangUp: reject,
      answer: () => {
        const { session } = request.accept({ statusCode: 200, body: sdpBody(media.description), extraHeaders: timer.headers });
        this.#connect(call, session, media, codec === undefined ? {} : { codec });
        this.#keepAlive(call, session, media, timer.agreement);
      },
    };
    this.#report();
  }

  /** The session timer, where there is one: a refresh is a re-INVITE that says the same once more. */
  #keepAlive(call: Call, session: Session, media: LocalMedia, agreement: SessionTimerAgreement | undefined): void {
    if (this.#call !== call || !isUnderWay(call)) return;
    this.#timer.stop();
    if (agreement === undefined) return;
    const over = (reason: string) => {
      session.bye();
      this.#end(call, { reason });
    };
    const refresh = (again = false) => {
      const { userAgent, reauthenticate } = this.#options;
      if (this.#call !== call || !isUnderWay(call)) return;
      const delegate: OutgoingInviteRequestDelegate = {
        onAccept: (accepted) => {
          accepted.ack();
          this.#keepAlive(call, session, media, agreedTimer(SipMessage.parse(accepted.message.data), agreement.least));
        },
        onReject: ({ message: { statusCode } }) => {
          if (statusCode === 408 || statusCode === 481) over('the other end does not know the call any more');
          // Of the others the session dies when its time is over (RFC 4028 section 10).
          else if (statusCode === 401 && !again) reauthenticate().then(() => { refresh(true); }, () => undefined);
        },
      };
      try {
        session.invite(delegate, { extraHeaders: [`Contact: ${userAgent.contact}`, ...timerRefresh(agreement)], body: sdpBody(media.description) });
      } catch (error) {
        // sip.js throws where the other end's own re-INVITE is under way, which refreshes as well.
        userAgent.note(`The session was not refreshed: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    this.#timer.start(agreement, { refresh, expire: () => { over('the other end did not keep the session up'); } });
  }

  /** A re-INVITE (RFC 3261 section 14.2): the media once more, with a version of its own where they differ from what was said last. */
  #renegotiate(call: Call, session: Session, media: LocalMedia, request: IncomingInviteRequest): void {
    const { userAgent } = this.#options;
    const invite = SipMessage.parse(request.message.data);
    const same = answerTo(invite, media.origin, media.description);
    const answer = 'status' in same || formatSessionDescription(same.media.description) === formatSessionDescription(media.description)
      ? same : answerTo(invite, { ...media.origin, version: media.origin.version + 1 });
    if ('status' in answer) {
      request.reject({ statusCode: answer.status, extraHeaders: answer.headers });
      return;
    }
    Object.assign(media, answer.media);
    request.accept({ statusCode: 200, body: sdpBody(media.description), extraHeaders: [`Contact: ${userAgent.contact}`, ...answer.timer.headers] });
    this.#keepAlive(call, session, media, answer.timer.agreement);
  }

  #connect(call: Call, session: Session, media: LocalMedia, what: { peer?: CallPeer; codec?: string }): void {
    let acknowledged = call.direction === 'outgoing';
    session.delegate = {
      onBye: (request) => {
        request.accept();
        this.#end(call, { reason: 'hung up at the other end' });
      },
      onMessage: (request) => { request.reject({ statusCode: 405 }); },
      onInvite: (request) => { this.#renegotiate(call, session, media, request); },
      onAck: () => {
        acknowledged = true;
        if (!isUnderWay(this.#call) || this.#call !== call) session.bye();
      },
    };
    this.#keys = {
      hangUp: () => {
        // Whoever was called must not say BYE before the ACK (RFC 3261 section 15).
        if (acknowledged) session.bye();
        this.#end(call, { reason: 'hung up here' });
      },
    };
    this.#change(call, { state: 'connected', ...what });
  }

  #end(call: Call | undefined, ended: Ending): void {
    if (call === undefined || this.#call !== call || !isUnderWay(call)) return;
    this.#keys = undefined;
    this.#timer.stop();
    this.#change(call, { state: 'ended', ended });
  }

  /** The same object all along, so that it says which call is meant; what is told of it are copies. */
  #change(call: Call, change: Partial<Call>): void {
    Object.assign(call, change);
    this.#report();
  }

  #report(): void {
    if (this.#call !== undefined) this.#options.report({ ...this.#call });
  }
}

function sdpBody(description: SessionDescription) {
  return { contentDisposition: 'session', contentType: sdpType, content: formatSessionDescription(description) };
}

function newOrigin(): Origin {
  return { sessionId: String(randomBytes(4).readUInt32BE()), version: 1 };
}

function offeredMedia(origin: Origin = newOrigin()): LocalMedia {
  return { origin, description: audioOffer(origin) };
}

interface CallAnswer {
  media: LocalMedia;
  codec?: string;
  timer: Exclude<ReturnType<typeof timerAnswer>, { tooShort: string[] }>;
}

/** What the phone answers to an INVITE: to its offer, with an offer of its own (`otherwise`, or a new one) where there is none, or the status that it is refused with. */
function answerTo(invite: SipMessage, origin: Origin, otherwise?: SessionDescription): CallAnswer | { status: 400 | 415 | 422 | 488; why: string; headers: string[] } {
  const timer = timerAnswer(invite);
  if ('tooShort' in timer) return { status: 422, why: 'it would have to be refreshed too often', headers: timer.tooShort };
  if (invite.body.length === 0) return { media: otherwise === undefined ? offeredMedia(origin) : { origin, description: otherwise }, timer };
  const why = 'its session description cannot be used';
  if (invite.mediaType !== sdpType) return { status: 415, why, headers: [`Accept: ${sdpType}`] };
  const offer = understood(() => parseSessionDescription(invite.body));
  if (offer === undefined) return { status: 400, why, headers: [] };
  const answer = audioAnswer(offer, origin);
  return answer === undefined ? { status: 488, why, headers: [] } : { media: { origin, description: answer.description }, codec: answer.codec, timer };
}

function peerOf(message: SipMessage, header: 'From' | 'To'): CallPeer {
  const asserted = parseNameAddresses(message.get('P-Asserted-Identity') ?? '');
  const { uri, displayName } = asserted.find((each) => /^sips?:/i.test(each.uri)) ?? parseNameAddress(message.get(header) ?? '');
  return { uri, displayName };
}

/** A final response without text is sip.js's own word: there was none in time, or no connection. */
function refusalOf(text: string): Ending {
  if (!text) return { reason: 'the server did not answer' };
  const { startLine } = SipMessage.parse(text);
  return startLine.kind === 'response' ? { status: startLine.status, reason: `${startLine.status} ${startLine.reason}` } : { reason: 'the server did not answer' };
}

