import { domainOf } from '../../protocol/sip/name-address.js';
import type { PhoneContext } from '../machine-types.js';
import { accountOf, certProvUrlOf, trustOf } from '../route.js';
import { StageFailure } from '../stage-failure.js';
import type { StepTools, Trust } from '../steps.js';
import type { ExchangeResult, ExchangeStatus } from './status.js';

/** Looks for Exchange and connects to it, with the AD credentials there are. Rejects only when `tools.signal` aborts. */
export async function reachExchange(context: PhoneContext, tools: StepTools): Promise<ExchangeResult> {
  const { device: { steps } } = context;
  const credentials = accountOf(context);
  if (credentials === undefined) return { status: { state: 'by-design' } };
  let learnt: ExchangeResult['learnt'];
  try {
    const address = await steps.locateExchange({ smtpDomain: domainOf(credentials.sipUri) }, tools);
    if (address === undefined) return { status: { state: 'none' } };
    learnt = await learnChain(context, tools);
    await steps.connectExchange({ credentials, address, trust: { ...trustOf(context), ...learnt } }, tools);
    return { status: { state: 'connected' }, ...(learnt && { learnt }) };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { status: unavailable(error), ...(learnt && { learnt }) };
  }
}

/**
 * ASSUMED: a tethered phone, whose roots come from the directory, takes the chain of the web services too once it has signed in there. Only so
 * can TrustedCACerts, the cure reported for an Exchange on another authority, reach the phones that use Exchange at all. The first chain is kept.
 */
async function learnChain(context: PhoneContext, tools: StepTools): Promise<Pick<Trust, 'downloadedRoots' | 'intermediates'> | undefined> {
  const certProvUrl = certProvUrlOf(context);
  if (context.credentials?.method !== 'tethered' || context.memory.downloadedRoots.length > 0 || certProvUrl === undefined) return undefined;
  try {
    return await context.device.steps.fetchRootChain({ certProvUrl }, tools);
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    tools.trace.record('phone', { layer: 'note', summary: `No root chain was learnt beside the directory's. ${error.message}` });
    return undefined;
  }
}

function unavailable(error: unknown): ExchangeStatus {
  const failure = error instanceof StageFailure ? error
    : new StageFailure('exchange-unavailable', 'retry', `Connecting to Exchange ended with an error nobody foresaw: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  return { state: failure.screen === 'exchange-credentials' ? 'unavailable-credentials' : 'unavailable-server', failure };
}
