/** The public API: everything a user of the package may import. */
export { systemClock, type Clock } from './clock.js';
export { Failure, type Facts } from './failure.js';

export { loadProfiles, type LoadedProfile, type ProfileStore } from './firmware/loader.js';
export { verifyServerCertificate, type CertificateInput, type CertificatePolicy, type CertificateVerdict, type Check } from './firmware/certificate-policy.js';
export type { FirmwareProfile, Service } from './firmware/schema.js';
export type { Confidence, Provenance, Sourced } from './firmware/sourced.js';

export { Lab, type LabOptions } from './lab/lab.js';
export type { LabSummary } from './lab/lab-summary.js';
export { loadTopology } from './lab/topology.js';
export type { Topology } from './lab/topology-schema.js';

export type { Network } from './network/network.js';

export { factoryReset, fresh, hardReset, type PhoneMemory } from './phone/memory.js';
export { loadMemory, saveMemory } from './phone/memory-file.js';
export { Phone, type PhoneOptions, type PhoneSnapshot, type PhoneState } from './phone/phone.js';
export { StageFailure, type RuleId } from './phone/stage-failure.js';
export type { Credentials, Stage } from './phone/steps.js';

export { definePlan, loadPlan } from './rehearsal/plan.js';
export type { Plan, PlanInput } from './rehearsal/plan-schema.js';
export { compare, isWorse, type Comparison } from './rehearsal/compare.js';
export { rehearse, type RehearseOptions } from './rehearsal/rehearse.js';
export type { Recording, Rehearsal, Report, Run } from './rehearsal/report.js';
export { readReport } from './rehearsal/report.js';
export type { SecretReference, SecretSources } from './rehearsal/secret-reference.js';
export type { Verdict } from './rehearsal/verdict.js';

export type { TraceEvent } from './trace/event.js';
export { Trace } from './trace/trace.js';
