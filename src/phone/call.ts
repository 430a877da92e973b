/** Who is at the other end: the address the server vouches for where it does (RFC 3325), else the one in From or To. */
export interface CallPeer {
  uri: string;
  displayName: string | undefined;
}

/** A call, the only one at a time: that the phone has no second line is this emulator's limit, not the device's. */
export interface Call {
  direction: 'outgoing' | 'incoming';
  peer: CallPeer;
  /** `calling`: nothing has rung yet. `ended` stays until the next call. */
  state: 'calling' | 'ringing' | 'connected' | 'ended';
  /** `PCMU/8000`: what the two ends settled on; nothing is sent. */
  codec?: string;
  /** Why it ended: a SIP status where there was one, and a phrase, `486 Busy Here`, `hung up here`. */
  ended?: { status?: number; reason: string };
}

/** What the user does with handset and keys. What has no use at the moment does nothing, as on a phone. */
export type CallAction =
  /** `target`: a SIP address, with or without `sip:`, or a phone number. */
  | { do: 'dial'; target: string }
  | { do: 'answer' | 'hang-up' | 'reject' };

/** The user's doing as the machine is told of it. */
export interface CallInput {
  type: 'CALL';
  action: CallAction;
}

/** Whether there is a call to talk to somebody, or one that may become that. */
export function isUnderWay(call: Call | undefined): call is Call {
  return call !== undefined && call.state !== 'ended';
}

/** The call as a line of the trace. */
export function callSentence({ direction, peer, state, codec, ended }: Call): string {
  const how = state === 'connected' && codec !== undefined ? ` with ${codec}` : ended === undefined ? '' : `: ${ended.reason}`;
  return `The ${direction} call ${direction === 'outgoing' ? 'to' : 'from'} ${peer.displayName ?? peer.uri} is ${state}${how}.`;
}
