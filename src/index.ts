/**
 * Phones, labs and rehearsals in code: everything that `lync-phone-emulator` exports.
 * @module
 */
export { systemClock, type Clock } from './clock.js';
export { Failure, type Facts, type FailureOptions } from './failure.js';

export { loadProfile, loadProfiles, type LoadedProfile, type ProfileStore } from './firmware/loader.js';
export { checkRules } from './firmware/certificate-check.js';
export { verifyServerCertificate, type CertificateInput, type CertificatePolicy, type CertificateVerdict, type Check, type CheckRule } from './firmware/certificate-policy.js';
export { services as serviceKinds, type FirmwareProfile, type Service } from './firmware/schema.js';
export { confidences, type Confidence, type Provenance, type Sourced } from './firmware/sourced.js';

export { startControl, type Control } from './lab/control.js';
export { Lab, type LabOptions } from './lab/lab.js';
export type { LabService, ServiceName } from './lab/lab-service.js';
export type { LabSummary } from './lab/lab-summary.js';
export { loadTopology } from './lab/topology.js';
export type { Topology } from './lab/topology-schema.js';

export type { CallOptions, Endpoint, Lease, Network } from './network/network.js';

export type { Call, CallPeer } from './phone/call.js';
export type { ExchangeStatus } from './phone/exchange/status.js';
export type { LockState, PhoneLock } from './phone/lock/machine.js';
export type { LockPolicy } from './phone/lock/policy.js';
export { factoryReset, fresh, hardReset, type PhoneMemory } from './phone/memory.js';
export { loadMemory, saveMemory } from './phone/memory-file.js';
export type { Obtained } from './phone/obtained.js';
export { Phone, type PhoneOptions, type PhoneSnapshot, type PhoneState, type UntilOptions } from './phone/phone.js';
export type { ConnectionAttempt } from './phone/registrar-attempts.js';
export { rules as ruleIds, StageFailure, type Reaction, type RuleId, type StageFailureOptions } from './phone/stage-failure.js';
export { stages, type CandidateSource, type ClientCertificate, type Credentials, type KeyPairPem, type RegistrarCandidate, type Stage, type UpdateCheck, type UpdateLeg } from './phone/steps.js';
export type { Firmware } from './phone/machine-types.js';
export { userServices, type UserData, type UserService, type UserServiceResult, type UserServiceResults } from './phone/user-services.js';

export type { LocationProfile } from './protocol/locationprofile/description.js';
export type { MediaRelay, RelayLocation } from './protocol/mediarelay/credentials.js';
export type { Contact } from './protocol/presence/contact-list.js';

export type { ConnectTo } from './rehearsal/connect-to.js';
export { definePlan, loadPlan } from './rehearsal/plan.js';
export type { Plan, PlanInput } from './rehearsal/plan-schema.js';
export { compare, isWorse, type Comparison } from './rehearsal/compare.js';
export { rehearse, type RehearseOptions } from './rehearsal/rehearse.js';
export type { Recording, Rehearsal, Report, Run } from './rehearsal/report.js';
export { readReport } from './rehearsal/report.js';
export type { SecretReference, SecretSources } from './rehearsal/secret-reference.js';
export type { Verdict } from './rehearsal/verdict.js';

export type {
  DnsAnswered, MessageEvent, MessageLayer, NoteEvent, PresentedInTrace, ScreenEvent, StateEvent, TlsEnding, TlsEvent, TraceEvent, TraceInput,
} from './trace/event.js';
export { Trace, type TraceOptions } from './trace/trace.js';
