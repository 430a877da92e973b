// A build that this package does not know: declared in a folder of one's own, then signed in like any other.
//   node examples/code/own-profile.mjs
import { Lab, loadProfile, loadTopology, Phone } from 'lync-phone-emulator';

const { profile, publicRoots } = loadProfile('4.0.7577.9999', { directories: ['examples/profiles'] });
const lab = await Lab.start(loadTopology('examples/topologies/contoso.yaml'));
const phone = new Phone({ profile, publicRoots, network: lab.network() });
phone.powerOn();
phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
const { state, screen } = await phone.until('settled');
console.log(`${profile.build}: ${state}`);
console.log(screen.join('\n'));
phone.powerOff();
await lab.close();
