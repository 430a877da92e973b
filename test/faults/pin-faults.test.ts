import { describeFaults } from './fault-suite.js';
import { pinStages } from './pin-stages.js';

describeFaults('by PIN', { method: 'pin', phoneOrExtension: '100', pin: '482135790264' }, pinStages);
