import { describeFaults } from './fault-suite.js';
import { tetheredStages } from './tethered-stages.js';

describeFaults('over USB', { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab-password-alice' }, tetheredStages);
