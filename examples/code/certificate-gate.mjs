// A gate in a pipeline: no certificate goes onto a Front End unless every phone in the building takes it.
//   node examples/code/certificate-gate.mjs front-end.pem root.pem sip.contoso.com
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadProfiles, verifyServerCertificate } from 'lync-phone-emulator';

const [certificateFile, rootFile, host] = process.argv.slice(2);
const buildsInTheBuilding = ['4.0.7577.107', '4.0.7577.4100', '4.0.7577.4463'];

const certificates = (file) => readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g).map((pem) => new X509Certificate(pem).raw);
const profiles = loadProfiles();
for (const build of buildsInTheBuilding) {
  const { accepted, checks } = verifyServerCertificate({
    profile: profiles.get(build).profile, chain: certificates(certificateFile), roots: certificates(rootFile), publicRoots: [],
    host, service: 'sip', sipDomain: host.split('.').slice(1).join('.'), now: Date.now(),
  });
  console.log(`${build} ${accepted ? 'accepts' : 'refuses'} it`);
  for (const check of checks) if (!check.passed) console.log(`  ${check.sentence} (${check.confidence})`);
  if (!accepted) process.exitCode = 1;
}
