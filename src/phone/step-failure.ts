import type { PhoneEvent } from './machine-types.js';
import { redirectLoop } from './moves.js';
import { StageFailure, unsourced, type RuleId } from './stage-failure.js';
import { stages, type Stage } from './steps.js';

/** The rule that stands for an error nobody foresaw, by the stage it came from. */
const unforeseen: Record<Stage, RuleId> = {
  booting: 'dhcp-silent',
  vlan: 'dhcp-silent',
  address: 'no-lease',
  time: 'dhcp-silent',
  updateCheck: 'web-service-error',
  discovering: 'dhcp-silent',
  waitingForUser: 'sign-in-method-unsupported',
  rootChain: 'web-service-error',
  webTicket: 'web-service-error',
  clientCertificate: 'web-service-error',
  connecting: 'registrar-unreachable',
  registering: 'registration-refused',
  provisioning: 'provisioning-failed',
  signedIn: 'connection-lost',
};

/** What failed and at which stage, from the event that brought the news; undefined when the event brings none. */
export function failureOf(event: PhoneEvent): { stage: Stage; failure: StageFailure } | undefined {
  switch (event.type) {
    case 'lost': return { stage: 'signedIn', failure: event.failure };
    case 'moved': return { stage: 'signedIn', failure: redirectLoop('The registrar', event.to) };
    case 'deregistered': return { stage: 'signedIn', failure: deregistration(event.reason, event.mayRetry) };
    default: {
      if (!('error' in event)) return undefined;
      // Steps run as actors that are named for their stage.
      const stage = stages.find((each) => each === event.actorId) ?? 'booting';
      return { stage, failure: asStageFailure(event.error, stage) };
    }
  }
}

/** A step's own failure as it is; anything else becomes one that the phone answers by trying again, as it would after any hiccup. */
function asStageFailure(error: unknown, stage: Stage): StageFailure {
  if (error instanceof StageFailure) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new StageFailure(unforeseen[stage], 'retry', `The stage ${stage} ended with an error nobody foresaw: ${said.replace(/\.$/, '')}.`, { cause: error });
}

/** How the device shows that the server ended the registration is not known. */
function deregistration(reason: string, mayRetry: boolean): StageFailure {
  const options = { facts: { reason, ended: true }, because: [unsourced] };
  return mayRetry
    ? new StageFailure('connection-lost', 'retry', `The server ended the registration (${reason}) and lets the phone register again.`,
      { ...options, screen: 'connecting-to-lync-server' })
    : new StageFailure('registration-refused', 'stop', `The server ended the registration (${reason}) and does not let the phone register again.`,
      { ...options, screen: 'registrar-not-contacted' });
}
