import { assess } from '../rehearsal/assess.js';
import type { Verdict } from '../rehearsal/verdict.js';
import type { PhoneSnapshot } from '../phone/phone.js';
import type { DeskPhone } from './desk-phone.js';
import type { PhoneView } from './messages.js';

/** A phone as the page draws it. */
export function phoneView(phone: DeskPhone): PhoneView {
  const { snapshot, profile, keypad } = phone;
  const { call, lock, exchange } = snapshot;
  const methods = profile.signIn.methods.value;
  const failure = failureOf(phone, snapshot);
  return {
    state: snapshot.state, stage: snapshot.stage, since: phone.since, screen: [...snapshot.screen],
    input: keypad.describe(phone.situation),
    information: information(phone, snapshot), informationShown: keypad.informationShown,
    lights: { message: phone.missedCall, speaker: call?.state === 'connected', power: snapshot.state !== 'off' },
    usb: phone.usb, takesUsb: methods.includes('tethered'), takesTyped: methods.includes('typed'),
    ...(call === undefined ? {} : {
      call: { direction: call.direction, peer: call.peer.displayName ?? call.peer.uri, state: call.state, ...(call.ended === undefined ? {} : { reason: call.ended.reason }) },
    }),
    ...(lock === undefined ? {} : { lock }),
    ...(exchange === undefined ? {} : { exchange: exchange.state }),
    ...(failure === undefined ? {} : { failure }),
    firmware: snapshot.firmware, rounds: snapshot.rounds, reboots: snapshot.reboots,
    ...(phone.holding === undefined ? {} : { holding: phone.holding }),
  };
}

/** Diagnosed once: a view is made many times a second. */
const diagnosed = new WeakMap<object, Verdict>();

function failureOf(phone: DeskPhone, snapshot: PhoneSnapshot): PhoneView['failure'] {
  const { exchange } = snapshot;
  const failure = snapshot.failure ?? (exchange !== undefined && 'failure' in exchange ? exchange.failure : undefined);
  if (failure === undefined) return undefined;
  const verdict = diagnosed.get(failure) ?? assess(snapshot, phone.events, phone.profile);
  diagnosed.set(failure, verdict);
  return {
    rule: failure.rule, id: verdict.cause?.id ?? failure.rule, sentence: failure.message,
    ...(verdict.remedy === undefined ? {} : { remedy: { sentence: verdict.remedy.sentence, commands: verdict.remedy.commands } }), confidence: verdict.confidence, evidence: verdict.evidence,
  };
}

/** What System Information tells; which of it a build shows, and under which names, is assumed. */
function information(phone: DeskPhone, { firmware, vlan, address }: PhoneSnapshot): PhoneView['information'] {
  const { memory } = phone;
  return [
    ['Model', phone.model], ['Version', firmware], ['MAC address', phone.macAddress], ['VLAN ID', String(vlan)], ['IP address', address ?? 'none'],
    ['Server', memory.lastRegistrar?.host ?? 'none'], ['User', (memory.clientCertificate ?? memory.credentials)?.sipUri ?? 'none'],
  ].map(([label = '', value = '']) => ({ label, value }));
}
