// A build that this package does not know: declared in a folder of one's own, then signed in like any other.
//   node examples/code/own-profile.mjs
import { Lab, loadProfiles, loadTopology, Phone } from 'lync-phone-emulator';

const profiles = loadProfiles({ directories: ['examples/profiles'] });
const { profile, publicRoots } = profiles.get('4.0.7577.9999');
const lab = await Lab.start(loadTopology('examples/topologies/contoso.yaml'));
const phone = new Phone({ profile, publicRoots, network: lab.network() });
phone.powerOn();
phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
const { state, screen } = await phone.until('settled');
console.log(`${profile.build}: ${state}`);
console.log(screen.join('\n'));
phone.powerOff();
await lab.close();
