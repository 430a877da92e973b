import { approveUpdate } from './certificate-commands.js';
import type { DiagnosisRule } from './rule.js';
import { publishUpdates } from './update-remedies.js';

const listRules = 'Get-CsDeviceUpdateRule | Format-List Identity, Brand, Model, ApprovedVersion, PendingVersion';

/** The device itself and its updates. */
export const deviceRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE018', title: 'The update service has an older build approved than the phone had',
    symptom: 'A phone with a newer build restarts, comes back with an older one, and may not sign in with that.',
    cause: 'The phones install whatever is approved and differs. An update that was not imported or approved on every pool takes phones back there.',
    beforehand: 'Compare the approved versions of every web service.',
    confidence: 'documented', evidence: ['technet-update-approval'], signs: ['name', 'signature-hash'],
    when: ({ sign, check, around }) => around.downgradedFrom !== undefined && (sign === 'signature-hash' || check?.facts['wildcard'] !== undefined),
    remedy: () => ({ sentence: 'Approve the build that the phones should have, on every pool.', commands: [listRules, ...approveUpdate] }),
  },
  {
    id: 'LPE019', title: 'The build does not know how the approved image is signed',
    symptom: 'A CX700 downloads CU6 or later and does not install it.',
    cause: 'Packages are signed anew from some build on; an earlier build of Lync has to be installed between.',
    beforehand: 'Look at the build in System Information first.',
    confidence: 'observed', evidence: ['schertz-2013-05'], signs: [],
    remedy: () => ({ sentence: 'Approve a build of Lync from before the new signature first, let the phones install it, and then the newest.', commands: [listRules, ...approveUpdate] }),
  },
  {
    id: 'LPE070', title: 'The model or the build has no such way to sign in',
    symptom: 'There is no entry for it on the phone.',
    cause: 'A CX700 has no PIN sign-in, a phone without USB cannot be tethered, and builds before Lync know neither.',
    beforehand: '`lpe profiles <build>` lists the ways to sign in.',
    confidence: 'documented', evidence: ['technet-authentication'], signs: ['sign-in-method-unsupported'],
    remedy: () => ({ sentence: 'Use a sign-in method that the model and the build have.', commands: [] }),
  },
  {
    id: 'LPE075', title: 'The phone cannot get an update',
    symptom: 'The phone stays on its build, whatever is approved.',
    cause: 'The update service of one leg does not answer: before sign-in ucupdates-r2 in the domain of the lease over plain HTTP, after it the address of in-band provisioning.',
    beforehand: 'From the phone VLAN: does ucupdates-r2.<domain of the lease> resolve, and does its port 80 answer? `lpe discover` asks.',
    confidence: 'documented', evidence: ['itpro-updates', 'technet-updating'], signs: [],
    remedy: ({ facts }) => ({
      sentence: 'Publish the update service under the name that phones ask for, and let them reach it.',
      commands: [publishUpdates(typeof facts['url'] === 'string' ? facts['url'] : undefined), 'Get-CsService -WebServer | Format-List PoolFqdn, DeviceUpdate*'],
    }),
  },
];
