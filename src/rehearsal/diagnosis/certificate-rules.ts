import { approveUpdate, publishRoot, readTlsSwitch, reissue } from './certificate-commands.js';
import { fact } from './remedy.js';
import type { Alternative, DiagnosisRule, Finding } from './rule.js';
import { withUpdate } from './update-remedies.js';

const host = ({ facts }: Finding) => fact(facts, 'host', '<host name>');
const ofExchange = ({ facts }: Finding) => facts['service'] === 'exchange';
const failed = (finding: Finding, rule: string) => finding.failedChecks.some((check) => check.rule === rule);
const issuer = ({ check }: Finding) => fact(check?.facts ?? {}, 'issuer', '');

/** The server sent nothing but its own certificate: who issued it may be an intermediate or the root. */
const sentAlone = (finding: Finding) => failed(finding, 'chain-complete') && Array.isArray(finding.check?.facts['path']) && finding.check.facts['path'].length === 1;
const missingIntermediate: Alternative = {
  id: 'LPE029', when: sentAlone,
  experiment: 'Look at the issuer of the certificate: where its own certificate is signed by itself, it is the root that is missing; else it is an intermediate that the server does not send.',
};
const wellFormedCa = 'Reissue the certificate from a CA whose chain is well formed: CA certificates marked as such, path lengths kept.';
const handOutRoot = 'Let the phone learn the root: publish it in Active Directory for tethered phones, list it for the certificate web service for PIN phones, and have the server send its intermediates; a phone that learnt another chain before needs a reset.';

/** What a phone can have against the certificate of a Lync server. */
export const certificateRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE001', title: 'Only a wildcard covers the name that the phone connects to, and its build does not accept that',
    symptom: 'The phone downloads its certificate and then shows "Cannot connect to the server. Retrying." for ever; the Windows client signs in, and a capture shows nothing wrong.',
    cause: 'Builds before 4.0.7577.4100 (June 2012) compare the name they connect to letter by letter with the subject alternative names; *.contoso.com counts for none.',
    beforehand: 'Is every name that SRV records, sip.<SIP domain> and option 120 give spelt out in the certificate of the server behind it? `lpe discover` lists the names, `lpe check` judges a certificate.',
    confidence: 'observed', evidence: ['schertz-2011-02'], signs: ['name'],
    when: (finding) => !ofExchange(finding) && finding.check?.facts['wildcard'] !== undefined,
    remedy: (finding) => withUpdate({
      sentence: `Reissue the certificate with ${host(finding)} spelt out as a subject alternative name and restart the service; builds from 4.0.7577.4100 on accept the wildcard, but a phone has to reach the update service to get one.`,
      commands: reissue(host(finding)),
    }, finding),
  },
  {
    id: 'LPE002', title: 'The certificate does not carry the name that the phone connects to',
    symptom: 'SIP fails on the phone with "Cannot connect to the server. Retrying." while PCs that use another name sign in.',
    cause: 'The name compared is the one connected to: an SRV target, sip.<SIP domain>, the name in option 120 or 43. The Lync wizard puts the pool into the certificate by itself, and sip.<SIP domain> only where it is asked to.',
    beforehand: 'Hold every name that `lpe discover` finds against the subject alternative names, for every SIP domain.',
    confidence: 'documented', evidence: ['l13-configure-certificates', 'schertz-2013-08'], signs: ['name'],
    remedy: (finding) => ({
      sentence: `Reissue the certificate with ${host(finding)} spelt out as a subject alternative name and restart the service.`, commands: reissue(host(finding)),
    }),
  },
  {
    id: 'LPE003', title: 'The root is not among those that Active Directory publishes to phones',
    symptom: 'Signing in over USB fails because the phone refuses a certificate, where PIN sign-in works.',
    cause: 'A phone that signs in over USB knows its public store, which is as old as its firmware, and the roots under "Certification Authorities" in the directory. A newer public CA is in neither.',
    beforehand: 'Compare the root of each server\'s chain with the objects of category certificationAuthority in the directory: `certutil -viewstore "ldap:///CN=Certification Authorities,CN=Public Key Services,CN=Services,CN=Configuration,<forest>?cACertificate?one?objectClass=certificationAuthority"`.',
    confidence: 'observed', evidence: ['schertz-2014-10', 'r2-root'], signs: ['trust'], when: ({ around }) => around.roots === 'directory',
    remedy: () => ({ sentence: handOutRoot, commands: publishRoot }), alternatives: [missingIntermediate], entails: ['LPE028'],
  },
  {
    id: 'LPE006', title: 'The phone keeps the chain that it learnt first, and the server now shows another',
    symptom: 'After a change of CA, phones that were signed in drop and stay at "Connecting to Lync Server", while phones that were reset sign in.',
    cause: 'A phone stores the first chain that it gets and asks for no other until it is reset.',
    beforehand: 'Rehearse the change with one phone in the state signed-in and one reset (`state:` and `replacedCertificates:` of a plan).',
    confidence: 'observed', evidence: ['catapult-2018', 'msxfaq-lyncphone'], signs: ['trust'], when: ({ around }) => around.roots === 'kept',
    remedy: () => ({ sentence: handOutRoot, commands: publishRoot }), alternatives: [missingIntermediate], entails: ['LPE003', 'LPE028'],
  },
  {
    id: 'LPE025', title: 'A certificate is signed with RSASSA-PSS, which Lync does not support',
    symptom: 'Phones do not connect to a server whose certificate looks right in every field; other troubles with sign-in and call forwarding come along.',
    cause: 'A Windows CA with the alternate signature format on signs so (signature OID 1.2.840.113549.1.1.10).',
    beforehand: 'Look at the signature algorithm of every certificate of the chain: `certutil -dump <certificate.cer>`, or `lpe check`.',
    confidence: 'documented', evidence: ['l13-certificate-infrastructure'], signs: ['rsa-pss'],
    remedy: (finding) => ({
      sentence: 'Have the CA sign with PKCS #1 v1.5: Lync supports no RSASSA-PSS, which a Windows CA uses when its alternate signature format is on.',
      commands: ['certutil -setreg CA\\csp\\AlternateSignatureAlgorithm 0   (on the CA)', 'Restart-Service CertSvc   (on the CA)', ...reissue(host(finding))],
    }),
  },
  {
    id: 'LPE027', title: 'The wildcard that covers the name lies outside the SIP domain of the user',
    symptom: 'Phones on 4.0.7577.4100 and later do not sign in at a hosted or multi-tenant pool, where other clients do; the server logs that the connection was closed before TLS negotiation completed.',
    cause: "On SIP connections those builds count a wildcard only within the user's own SIP domain; that this is the reason is inferred from one report.",
    beforehand: 'For each SIP domain: is sip.<SIP domain> spelt out in the certificate of the registrar?',
    confidence: 'inferred', evidence: ['schertz-2011-02'], signs: ['name-in-sip-domain'],
    remedy: (finding) => ({
      sentence: `Reissue the certificate with ${host(finding)} spelt out as a subject alternative name: on SIP connections this build counts a wildcard only within the user's own SIP domain.`,
      commands: reissue(host(finding)),
    }),
  },
  {
    id: 'LPE028', title: "The certificate web service does not hand out the root of the server's chain",
    symptom: 'PIN sign-in gets a root chain and then refuses the certificate of the web services or the registrar.',
    cause: 'The service hands out the chain of its own certificate, and what TrustedCACerts lists while InferCertChainFromSSL is off. A server with a certificate of another CA stays unknown.',
    beforehand: 'Do web services and registrars show certificates of the same root? If not, is each root in TrustedCACerts, with InferCertChainFromSSL off?',
    confidence: 'documented', evidence: ['cs-web-service-configuration', 'itpro-root'], signs: ['trust'],
    remedy: () => ({ sentence: handOutRoot, commands: publishRoot }), alternatives: [missingIntermediate],
  },
  {
    id: 'LPE029', title: 'The server does not send the intermediates of its certificate',
    symptom: 'The phone refuses a certificate that PCs accept, since Windows fetches what is missing and the phone does not.',
    cause: "The chain breaks between the certificate and the root that the phone has. The intermediate is missing from the server's own store, or a reverse proxy has the certificate without it; or a CA was made anew under its old name and its new key did not sign this.",
    beforehand: 'Look at what the server sends: `lpe probe HOST:PORT`, or openssl s_client -showcerts.',
    confidence: 'assumed', evidence: [], signs: ['chain-complete', 'trust'],
    when: (finding) => finding.sign === 'chain-complete' || (sentAlone(finding) && finding.around.knownIssuers.includes(issuer(finding))),
    remedy: () => ({ sentence: 'Install the intermediates on the server, or on the proxy that ends TLS for it, so that it sends them with its certificate.', commands: ['certutil -addstore CA <intermediate.cer>', 'Restart-Service RTCSRV'] }),
  },
  {
    id: 'LPE031', title: 'The certificate has expired, or is not valid yet',
    symptom: 'All phones of a pool stop, at midnight as a rule.',
    cause: 'A certificate of the chain is past its end or before its beginning, by a clock that is right.',
    beforehand: 'Watch the dates of every certificate of the chain: `lpe check --at` judges a day to come.',
    confidence: 'documented', evidence: ['ce6-ssl', 'rfc-5280'], signs: ['validity'],
    remedy: (finding) => ({
      sentence: 'Renew the certificate, or, if its dates are right, give the phone the right time: it judges them by its own clock.',
      commands: ['Get-CsCertificate | Format-List Use, Subject, NotBefore, NotAfter', ...reissue(host(finding))],
    }),
  },
  {
    id: 'LPE032', title: 'The build does not know the hash that a certificate is signed with',
    symptom: 'After the move to SHA-256, old builds stay at signing in or start over and over.',
    cause: 'The oldest builds know SHA-1 and no newer hash. Which build was the first to know SHA-256 nobody names.',
    beforehand: 'List the builds in use (the IP phone inventory report) before a CA moves to another hash, and rehearse with each.',
    confidence: 'observed', evidence: ['ucit-sha', 'l13-configure-certificates'], signs: ['signature-hash'],
    remedy: (finding) => withUpdate({ sentence: 'Bring the phones to a build that knows this hash before the certificate changes, or keep a chain signed with one they know.', commands: approveUpdate }, finding),
  },
  {
    id: 'LPE033', title: 'The key of the certificate is not RSA',
    symptom: 'Phones do not connect to a server with an elliptic-curve certificate; PCs do.',
    cause: 'The phones offer only suites with RSA key exchange (assumed), which an EC key cannot serve.',
    beforehand: 'Ask for RSA in the template; `lpe check` names the key.',
    confidence: 'assumed', evidence: [], signs: ['key-type'],
    remedy: (finding) => ({ sentence: 'Reissue the certificate with an RSA key of 2048 bits.', commands: reissue(host(finding), ' -KeySize 2048') }),
  },
  {
    id: 'LPE034', title: 'The RSA key is of a length that the phone does not take',
    symptom: 'Phones do not connect to a server whose certificate is otherwise right.',
    cause: 'Lync names 1024, 2048 and 4096 bits; 2048 is what to take.',
    beforehand: '`lpe check` names the length.',
    confidence: 'documented', evidence: ['l13-certificate-infrastructure'], signs: ['key-size'],
    remedy: (finding) => ({ sentence: 'Reissue the certificate with an RSA key of 2048 bits.', commands: reissue(host(finding), ' -KeySize 2048') }),
  },
  {
    id: 'LPE035', title: 'The certificate does not allow server authentication',
    symptom: 'The phone refuses a certificate that carries the right names.',
    cause: 'Its extended key usage lacks 1.3.6.1.5.5.7.3.1, often because it came from a template for clients. Lync demands it of servers; that the phone looks is assumed.',
    beforehand: '`lpe check`, or the details of the template.',
    confidence: 'assumed', evidence: [], signs: ['extended-key-usage'],
    remedy: (finding) => ({ sentence: 'Reissue the certificate from a template that allows server authentication (1.3.6.1.5.5.7.3.1).', commands: reissue(host(finding), ' -Template WebServer') }),
  },
  ...([
    ['LPE030', 'chain-length', 'The chain is longer than the build takes', 'More certificates stand between server and root than the profile of the build allows; no document names a limit, so no profile here sets one.', 'assumed', []],
    ['LPE036', 'basic-constraints', 'A certificate that issued another is not marked as a CA', 'The basicConstraints of an issuer are missing or say that it is none (RFC 5280 section 4.2.1.9).', 'documented', ['rfc-5280']],
    ['LPE037', 'path-length', 'More CAs follow in the chain than one of them allows', 'The pathLenConstraint of a CA is smaller than the number of CAs below it (RFC 5280 section 4.2.1.9).', 'documented', ['rfc-5280']],
  ] as const).map(([id, sign, title, cause, confidence, evidence]): DiagnosisRule => ({
    id, title, cause, confidence, evidence, signs: [sign],
    symptom: 'The phone refuses every certificate of that CA.',
    beforehand: 'Run `lpe check` with the whole chain in the file.',
    remedy: (finding) => ({ sentence: wellFormedCa, commands: reissue(host(finding)) }),
  })),
  {
    id: 'LPE038', title: 'The server shows a certificate that cannot be read',
    symptom: 'The phone ends the handshake as soon as the certificate has arrived.',
    cause: 'What arrives in the place of the certificate is no X.509, or breaks off.',
    beforehand: '`lpe probe HOST:PORT` reads what the server sends.',
    confidence: 'documented', evidence: ['rfc-5280'], signs: ['well-formed', 'certificate-refused'],
    remedy: (finding) => ({ sentence: wellFormedCa, commands: reissue(host(finding)) }),
  },
  {
    id: 'LPE078', title: 'The directory gives the phone no roots',
    symptom: 'Signing in over USB fails because the phone refuses a certificate, although the root is published.',
    cause: "No domain controller was found or could be read: SRV _ldap._tcp.dc._msdcs in the lease's domain or the SIP domain, TCP 389 from the phone VLAN, or what answers there. How the phone finds and reads the directory is assumed here.",
    beforehand: 'From the phone VLAN: does the SRV record resolve, and does TCP 389 of its targets answer?',
    confidence: 'inferred', evidence: ['r2-root', 'schertz-2014-10'], signs: ['trust'], when: ({ around }) => around.roots === 'no-directory',
    remedy: () => ({
      sentence: 'Let the phone VLAN reach a domain controller by LDAP, under the SRV records that name it, and see that the root is published there; a phone that learnt another chain before needs a reset.',
      commands: ['nslookup -type=SRV _ldap._tcp.dc._msdcs.<domain of the lease>   (from the phone VLAN)', 'Test-NetConnection <domain controller> -Port 389   (from the phone VLAN)', ...publishRoot],
    }),
    alternatives: [{ id: 'LPE003', experiment: 'Give the phone VLAN a directory that answers, or list what the directory publishes: `certutil -viewstore` on CN=Certification Authorities. Where the root is there, only the way to it was missing.' }],
    entails: ['LPE003', 'LPE028'],
  },
  {
    id: 'LPE008', title: 'TLS 1.0 is switched off',
    symptom: 'All phones stop after servers were hardened, at "Connecting to Lync Server" or when they look for the certificate server; PCs notice nothing.',
    cause: 'The system below Lync Phone Edition (Windows CE 6.0) speaks nothing newer than TLS 1.0. Schannel closes the connection without an alert where it is off.',
    beforehand: 'Try 443 and 5061 of every server and proxy with TLS 1.0 alone: `lpe probe` does.',
    confidence: 'documented', evidence: ['sfbo-phones', 'thamaraw-2018'], signs: ['tls-version', 'tls-failed'],
    when: ({ sign, facts }) => sign === 'tls-version' || facts['alert'] === 70 || facts['code'] === 'tls/closed',
    remedy: () => ({ sentence: 'Leave TLS 1.0 switched on for these phones, on the server and on every proxy in front of it: their system has nothing newer.', commands: [readTlsSwitch] }),
    alternatives: [{
      id: 'LPE007', when: ({ facts }) => facts['code'] === 'tls/closed',
      experiment: 'Try the port with TLS 1.0 and every suite that the tool has, for instance `nmap --script ssl-enum-ciphers`: where TLS 1.0 is answered with another suite, it is the suites.',
    }],
  },
  {
    id: 'LPE007', title: 'Server and phone have no cipher suite in common',
    symptom: 'Checks on the server pass, Test-CsPhoneBootstrap among them, and phones hang at "Connecting to Lync Server": those checks run on the TLS of Windows.',
    cause: 'A hardened server or proxy takes no suite with RSA key exchange and CBC or older ciphers, and the phone has no other. Which suites it has exactly is assumed.',
    beforehand: 'Try 443 and 5061 with what the phones offer: `lpe probe` does.',
    confidence: 'inferred', evidence: ['risual-2018', 'thamaraw-2018'], signs: ['tls-failed'],
    when: ({ facts }) => facts['alert'] === 40 || facts['alert'] === 71,
    remedy: () => ({
      sentence: 'Leave a suite with RSA key exchange switched on, for instance TLS_RSA_WITH_AES_128_CBC_SHA, and TLS 1.0 with it, on the server and on every proxy in front of it.',
      commands: ['Get-TlsCipherSuite | Format-Table Name   (Windows Server 2016 and later)', readTlsSwitch],
    }),
    alternatives: [{ id: 'LPE008', experiment: 'Try the port with TLS 1.0 and every suite that the tool has, for instance `nmap --script ssl-enum-ciphers`: where nothing answers TLS 1.0, it is switched off.' }, {
      id: 'LPE033', experiment: 'Look at the certificate that the server shows to a PC: an elliptic-curve key rules out every suite of the phone.',
    }],
  },
  {
    id: 'LPE071', title: 'What answers at the port does not speak TLS as it should',
    symptom: 'The phone gives up the handshake at the first bytes that arrive.',
    cause: 'Another service listens there, a load balancer answers for a dead server, or a middlebox meddles.',
    beforehand: '`lpe probe HOST:PORT` from the phone VLAN.',
    confidence: 'assumed', evidence: [], signs: ['tls-failed'],
    remedy: ({ facts }) => ({
      sentence: `Find out what answers at ${fact(facts, 'host', '<host name>')}, port ${fact(facts, 'port', '<port>')}, from the phone VLAN: it should be the service itself, speaking TLS 1.0 with an RSA cipher suite.`,
      commands: ['netstat -abno   (on the server, as administrator)', readTlsSwitch],
    }),
  },
  {
    id: 'LPE072', title: 'The TLS handshake is never finished',
    symptom: 'The phone stays at "Connecting to Lync Server" until it runs out of patience.',
    cause: 'The connection stands and nothing comes back: the service hangs, or a firewall lets connections through and swallows what is in them.',
    beforehand: '`lpe probe HOST:PORT` from the phone VLAN and from beside the server.',
    confidence: 'assumed', evidence: [], signs: ['tls-failed'], when: ({ facts }) => facts['code'] === undefined,
    remedy: () => ({ sentence: 'Restart the service, and look for a firewall or proxy on the way that inspects TLS.', commands: ['Get-CsWindowsService', 'Restart-Service RTCSRV'] }),
    alternatives: [{ id: 'LPE076', experiment: 'Try the handshake from beside the server: where it is quick there, something on the way from the phone VLAN swallows it.' }],
  },
];
