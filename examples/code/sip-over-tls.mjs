// sip.js with the phone's TLS: its versions, its suites, and the verdict of a build on the certificate. Here it asks a registrar how it
// wants a phone to authenticate.
//   node examples/code/sip-over-tls.mjs
import { X509Certificate } from 'node:crypto';
import { LoggerFactory, UserAgentCore } from 'sip.js/lib/core/index.js';
import { Grammar } from 'sip.js/lib/grammar/index.js';
import { Lab, loadProfile, loadTopology, Trace } from 'lync-phone-emulator';
import { connectSip } from 'lync-phone-emulator/sip-transport';

const lab = await Lab.start(loadTopology('examples/topologies/contoso.yaml'));
const registrar = lab.services.find(({ service }) => service === 'registrar');

const loggerFactory = new LoggerFactory();
loggerFactory.builtinEnabled = false;
const [alice, domain] = ['sip:alice@contoso.lab', 'sip:contoso.lab'].map((uri) => Grammar.URIParse(uri));
let transport;
const core = new UserAgentCore({
  aor: alice, contact: { uri: alice, toString: () => `<${alice}>` }, displayName: '', loggerFactory, hackViaTcp: false, routeSet: [], sipjsId: 'example',
  supportedOptionTags: [], supportedOptionTagsResponse: [], userAgentHeaderFieldValue: 'example', viaForceRport: false, viaHost: 'example.invalid',
  authenticationFactory: () => undefined, transportAccessor: () => transport,
});

// A network of one's own is needed only for the lab; without one the host's is used, and its DNS.
const trace = new Trace();
transport = await connectSip({
  core, host: 'sip.contoso.lab', sipDomain: 'contoso.lab', trace,
  network: lab.network().withLease({ address: '10.0.1.50', nameServers: [], domainName: undefined }), address: registrar.declared.address,
  profile: loadProfile('4.0.7577.4100').profile, roots: lab.rootCertificates().map(({ pem }) => new X509Certificate(pem).raw),
});
const request = core.makeOutgoingRequestMessage('REGISTER', domain, alice, alice, {}, [`Contact: <${alice}>`]);
request.setHeader('From', `${request.from};epid=0123456789`); // Lync wants to know which of the user's endpoints this is
const response = await new Promise((resolve) => {
  const settle = ({ message }) => { resolve(message); };
  core.request(request, { onAccept: settle, onReject: settle });
});
console.log(response.statusCode, response.reasonPhrase, response.data.match(/(?<=^WWW-Authenticate: )\S+/gim).join(', '));
console.log(trace.events.filter(({ layer }) => layer === 'tls').map(({ summary }) => summary).join('\n'));
transport.close();
core.dispose();
await lab.close();
