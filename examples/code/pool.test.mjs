// A mocha suite for a pool: each phone of the plan is a test, and one that fails shows its messages.
//   npx mocha examples/code/pool.test.mjs
import { describeSignIn } from 'lync-phone-emulator/mocha';

describeSignIn('examples/plans/first-rollout.yaml');
