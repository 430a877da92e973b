import assert from 'node:assert/strict';
import { faultsSchema, policySchema, type LabUser } from '../../src/lab/topology-schema.js';
import type { PhoneMemory } from '../../src/phone/memory.js';
import { Phone } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { rehearseSignIn } from '../../src/rehearsal/cell.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { Trace } from '../../src/trace/trace.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const pool = 'pool01.contoso.example';
const alice = 'sip:alice@contoso.example';
const bob = 'sip:bob@contoso.example';
const base = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const [first] = base.users;
const tethered: Credentials = { method: 'tethered', sipUri: alice, domain: 'LAB', user: 'alice', password: 'lab-Password-1' };
const pin = (digits = '48213', phoneOrExtension = '100'): Credentials => ({ method: 'pin', phoneOrExtension, pin: digits });
const wrongPin = ["Your phone number/extension or PIN isn't correct"];
const locating = ['Locating the server to download the certificate'];

describe('PINs, passwords and client certificates that are not in order', () => {
  const lab = labOf({ ...base, users: [first, { ...first, sipUri: bob, account: 'LAB\\bob', lineUri: 'tel:+15550101' }] as LabUser[] });
  afterEach(() => {
    lab().setPolicy(policySchema.parse({}));
    lab().setUser(alice, { ...first, pinLocked: false, pinEnabled: true, enabled: true });
    lab().setFaults(faultsSchema.parse({}));
  });

  const signIn = async (credentials: Credentials, memory?: PhoneMemory) => {
    const start = lab().trace.events.length;
    const clock = new FastForwardClock(lab().deployment.now());
    const { verdict, memory: after } = await rehearseSignIn({
      profile: profiles.get('4.0.7577.4100'), builds: () => undefined, network: lab().network(), credentials, macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal, clock, trace: new Trace(), memory,
    });
    const pins = lab().trace.events.slice(start).filter((event) => event.layer === 'http' && event.direction === 'received' && event.summary.endsWith('.svc/pin')).length;
    return { verdict, memory: after, pins };
  };

  const refusals: [what: string, change: { user?: object; policy?: object }, typed: Credentials, reason: string, sentence: RegExp, screen: readonly string[], command: string][] = [
    ['wrong', {}, pin('11111'), 'IncorrectPin', /the PIN is wrong\.$/, wrongPin, 'Set-CsClientPin'],
    ['not set', {}, pin('48213', '15550101'), 'PinNotSet', /the user has no PIN yet\.$/, wrongPin, 'Set-CsClientPin'],
    ['expired', { user: { pinSetAt: '2013-01-01T00:00:00Z' }, policy: { PINLifetime: 30 } }, pin(), 'PinExpired', /the PIN has expired\.$/, wrongPin, 'Set-CsClientPin'],
    ['locked', { user: { pinLocked: true } }, pin(), 'UserPinAccountLocked', /the PIN is locked\.$/, wrongPin, 'Unlock-CsClientPin'],
    ['that of somebody disabled', { user: { enabled: false } }, pin(), 'UserPinAccountDisabled', /the user is disabled\.$/, wrongPin, 'Get-CsUser'],
    ['of a pattern that the policy no longer allows', { user: { pin: '11111' }, policy: { AllowCommonPatterns: false } }, pin('11111'), 'PinDoesNotMeetMinimumRequirements',
      /does not meet the PIN policy\.$/, wrongPin, 'Get-CsPinPolicy'],
    ['not for this user', { user: { pinEnabled: false } }, pin(), 'PinNotEnabledForUser', /the user may not sign in by PIN\.$/, wrongPin, 'Get-CsClientPinInfo'],
    ['shorter than the policy wants', { policy: { MinPasswordLength: 6 } }, pin(), 'PinDoesNotMeetMinimumRequirements', /does not meet the PIN policy\.$/, wrongPin, 'Get-CsPinPolicy'],
    ['not the only one of its number', { user: { lineUri: 'tel:+15550101;ext=100', pin: '59034' } }, pin('59034', '15550101'), 'PinNotUnique', /several users share/, wrongPin, 'Set-CsUser'],
    ['of an extension that the line URI does not carry', { user: { lineUri: 'tel:+15550100' } }, pin(), 'UserDoesNotExist', /no user has this number\.$/,
      ['An account matching this phone number cannot be found. Please contact your support team.'], 'Set-CsUser'],
  ];
  for (const [what, { user = {}, policy = {} }, typed, reason, sentence, screen, command] of refusals) {
    it(`stop a phone whose PIN is ${what}, after one try`, async () => {
      lab().setUser(bob, { pin: reason === 'PinNotSet' ? undefined : '59034' });
      lab().setPolicy({ AllowCommonPatterns: true });
      lab().setUser(alice, user);
      lab().setPolicy(policy);
      const { verdict, pins } = await signIn(typed);
      assert.deepEqual([verdict.outcome, verdict.behaviour, verdict.stage, verdict.cause?.rule], ['failed', 'waiting-for-user', 'webTicket', 'pin-refused']);
      assert.equal(verdict.cause?.facts['pinFailureReason'], reason);
      assert.match(verdict.cause.sentence, sentence);
      assert.deepEqual([verdict.screen, verdict.confidence], [screen, 'assumed']);
      assert.ok(verdict.remedy?.commands.some((line) => line.startsWith(command)), verdict.remedy?.commands.join('\n'));
      assert.equal(pins, 1);
    });
  }

  it('lock the PIN after too many wrong ones, and let the phone in once an administrator has unlocked it', async () => {
    lab().setPolicy({ MaximumLogonAttempts: 2 });
    for (const reason of ['IncorrectPin', 'IncorrectPin', 'UserPinAccountLocked']) {
      assert.equal((await signIn(pin(reason === 'IncorrectPin' ? '11111' : '48213'))).verdict.cause?.facts['pinFailureReason'], reason);
    }
    lab().setUser(alice, { pinLocked: false });
    assert.equal((await signIn(pin())).verdict.outcome, 'signed-in');
  });

  it('keep PIN phones out, but not tethered ones, where UsePinAuth or UseCertificateAuth is off', async () => {
    for (const policy of [{ UsePinAuth: false }, { UseCertificateAuth: false }]) {
      lab().setPolicy({ ...policySchema.parse({}), ...policy });
      const { verdict, pins } = await signIn(pin());
      assert.deepEqual([verdict.cause?.rule, verdict.behaviour, verdict.screen, pins], ['web-ticket-refused', 'waiting-for-user', locating, 0]);
      assert.ok(verdict.remedy?.commands.includes('Set-CsWebServiceConfiguration -Identity Global -UsePinAuth $true -UseCertificateAuth $true'));
      assert.equal((await signIn(tethered)).verdict.outcome, 'signed-in');
    }
  });

  it('keep phones out that sign in by PIN or over USB where the registrar takes no client certificates', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false });
    for (const credentials of [pin(), tethered]) {
      const { verdict } = await signIn(credentials);
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'registering', 'authentication-not-offered']);
      assert.match(verdict.cause?.sentence ?? '', /offers NTLM, Kerberos for authentication, and the phone can only register with a client certificate \(TLS-DSK\)\.$/);
      assert.deepEqual(verdict.remedy?.commands, ['Set-CsProxyConfiguration -Identity Global -UseCertificateForClientToProxyAuth $true']);
    }
  });

  it("stop the phone where the user's store cannot be reached", async () => {
    lab().setFaults({ clientCertificateStoreDown: true });
    const { verdict, pins } = await signIn(pin());
    assert.deepEqual([verdict.stage, verdict.cause?.rule, verdict.behaviour, pins], ['clientCertificate', 'certificate-not-issued', 'waiting-for-user', 1]);
    assert.match(verdict.cause?.sentence ?? '', /issued none: data store unavailable\.$/);
    assert.ok(verdict.remedy?.commands.some((line) => line.startsWith('Test-CsPhoneBootstrap')));
  });

  it('stop a phone whose password is wrong, and let it ask for credentials', async () => {
    const { verdict } = await signIn({ ...tethered, password: 'old' });
    assert.deepEqual([verdict.stage, verdict.cause?.rule, verdict.behaviour, verdict.screen], ['rootChain', 'credentials-refused', 'waiting-for-user', ['Sign In']]);
  });

  it('make a phone with a revoked certificate get a new one, once, where it has credentials', async () => {
    const { memory } = await signIn(tethered);
    lab().revokeClientCertificates(alice);
    const again = await signIn(tethered, memory);
    assert.equal(again.verdict.outcome, 'signed-in');
    assert.notEqual(again.memory.clientCertificate?.certificatePem, memory.clientCertificate?.certificatePem);
  });

  it('make it say what it is refused where the password has been changed since, too', async () => {
    const { memory } = await signIn(tethered);
    lab().revokeClientCertificates(alice);
    lab().setUser(alice, { password: 'changed' });
    const { verdict } = await signIn(tethered, memory);
    assert.deepEqual([verdict.cause?.rule, verdict.behaviour, verdict.screen], ['credentials-refused', 'waiting-for-user', ['Sign In']]);
  });

  it('let no certificate live longer than MaxValidityPeriodHours', async () => {
    lab().setPolicy({ MaxValidityPeriodHours: 100 });
    const { memory } = await signIn(pin());
    const hours = ((memory.clientCertificate?.notAfter ?? 0) - lab().deployment.now()) / 3_600_000;
    assert.ok(hours > 99 && hours <= 100, String(hours));
  });

  describe('a certificate that has expired while the phone was off', () => {
    /** The same memory, a year later by the phone's reckoning. */
    const expired = (memory: PhoneMemory): PhoneMemory =>
      ({ ...memory, ...(memory.clientCertificate === undefined ? {} : { clientCertificate: { ...memory.clientCertificate, notAfter: lab().deployment.now() - 1000 } }) });

    it('is replaced where the phone has AD credentials', async () => {
      const { memory } = await signIn(tethered);
      const again = await signIn(tethered, expired(memory));
      assert.equal(again.verdict.outcome, 'signed-in');
      assert.notEqual(again.memory.clientCertificate?.certificatePem, memory.clientCertificate?.certificatePem);
    });

    it('leaves a phone that was signed in by PIN at its sign-in screen, without a message, until somebody types the PIN', async () => {
      const { memory } = await signIn(pin());
      const clock = new FastForwardClock(lab().deployment.now());
      await using phone = new Phone({ ...profiles.get('4.0.7577.4100'), network: lab().network(), clock, keyPair: pooledKey(), memory: expired(memory) });
      phone.powerOn();
      clock.skipToNext();
      const { failure, screen } = await phone.until(({ state }) => state === 'waitingForUser');
      assert.deepEqual([failure, screen], [undefined, ['Sign In']]);
      phone.signIn(pin());
      assert.equal((await phone.until('settled')).state, 'signedIn');
    });
  });
});
