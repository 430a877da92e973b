// A certificate policy in code: what the build checks, and one check more. This one wants certificates to last for some days yet.
//   node examples/code/own-certificate-policy.mjs 30
import { X509Certificate } from 'node:crypto';
import { Lab, loadProfiles, loadTopology, Phone, verifyServerCertificate } from 'lync-phone-emulator';

const days = Number(process.argv[2] ?? 30);

function lastsLongEnough(input) {
  const verdict = verifyServerCertificate(input);
  const [leaf] = input.chain;
  if (leaf === undefined) return verdict;
  const left = Math.floor((Date.parse(new X509Certificate(leaf).validTo) - input.now) / 86_400_000);
  const check = {
    rule: 'lasts-long-enough', passed: left >= days, sentence: `The certificate is good for ${left} days; our rule wants ${days}.`,
    decisive: true, facts: { left, days }, confidence: 'documented', evidence: ['our own rule'],
  };
  return { ...verdict, accepted: verdict.accepted && check.passed, checks: [...verdict.checks, check] };
}

const lab = await Lab.start(loadTopology('examples/topologies/contoso.yaml'));
const { profile, publicRoots } = loadProfiles().get('4.0.7577.4463');
const phone = new Phone({ profile, publicRoots, network: lab.network(), certificatePolicy: lastsLongEnough });
phone.powerOn();
phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
const { state, failure } = await phone.until('settled');
console.log(state, failure?.message ?? '');
phone.powerOff();
await lab.close();
