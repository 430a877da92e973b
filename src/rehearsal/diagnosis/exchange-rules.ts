import { fact } from './remedy.js';
import type { DiagnosisRule, Finding } from './rule.js';

const showCertificates = 'Get-ExchangeCertificate | Format-List Subject, CertificateDomains, Issuer, NotAfter, Services   (Exchange Management Shell)';
const enable = 'Enable-ExchangeCertificate -Thumbprint <thumbprint of the new certificate> -Services IIS   (Exchange Management Shell)';
const host = ({ facts }: Finding) => fact(facts, 'host', '<host name>');
const ofExchange = ({ facts }: Finding) => facts['service'] === 'exchange';

/** What keeps a phone that is signed in from calendar and voice mail. */
export const exchangeRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE014', title: 'A phone that signed in by PIN has no calendar and no voice mail',
    symptom: 'The phone is signed in and calls, without calendar, call log and visual voice mail.',
    cause: 'By design: Exchange takes AD credentials and no client certificate of Lync, and a PIN sign-in has no credentials.',
    beforehand: 'Tell the users; a phone that was tethered once keeps the credentials.',
    confidence: 'observed', evidence: ['oxchange-2014-07'], signs: [],
    remedy: () => ({ sentence: 'Tether the phone once, so that it learns the AD credentials, where the user wants calendar and voice mail on it.', commands: [] }),
  },
  {
    id: 'LPE015', title: 'The phone does not know the root of the Exchange certificate',
    symptom: 'Signed in, with a warning that Exchange cannot be used.',
    cause: "Exchange has a certificate of another CA, and the certificate web service hands out that of Lync alone. While it infers the chain from its own certificate it ignores TrustedCACerts.",
    beforehand: 'Compare the roots of Lync and Exchange; where they differ: is the Exchange root in TrustedCACerts, and InferCertChainFromSSL off?',
    confidence: 'observed', evidence: ['ocsguy', 'cs-web-service-configuration'], signs: ['trust'], when: ofExchange,
    remedy: () => ({
      sentence: "Have the certificate web service hand out the root of Exchange's certificate too, which it does only while it does not infer the chain from its own; a phone that learnt its chain before needs a reset.",
      commands: [
        '$root = New-CsWebTrustedCACertificate -Thumbprint <thumbprint of the Exchange root> -CAStore TrustedRootCA',
        'Set-CsWebServiceConfiguration -Identity Global -TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false',
      ],
    }),
  },
  {
    id: 'LPE016', title: 'Exchange refuses the AD credentials that the phone keeps',
    symptom: 'Signed in, with the message that the network credentials are invalid.',
    cause: 'The password was changed in AD since the phone learnt it over USB, the account has no mailbox, or Exchange does not take Windows authentication.',
    beforehand: 'Tell users to tether the phone again after a change of password.',
    confidence: 'inferred', evidence: ['ucken-2011-09'], signs: ['exchange-credentials-refused'],
    remedy: ({ facts }) => ({
      sentence: 'Check the AD account and its password, tether the phone once more so that it learns them, and check that Exchange takes Windows authentication.',
      commands: [
        `Get-Mailbox "${fact(facts, 'account', '<DOMAIN\\user>')}" | Format-List PrimarySmtpAddress   (Exchange Management Shell)`,
        'Get-WebServicesVirtualDirectory | Format-List Server, WindowsAuthentication   (Exchange Management Shell)',
      ],
    }),
  },
  {
    id: 'LPE039', title: 'The common name of the Exchange certificate is the bare domain',
    symptom: 'Signed in, with the message that the network credentials are invalid, while PCs are content.',
    cause: 'A CX600 was seen to lose Exchange over a certificate whose CN was the domain and whose host names were all subject alternative names.',
    beforehand: 'Is the CN of the Client Access certificate a real host name? `lpe check --service exchange` looks.',
    confidence: 'observed', evidence: ['ucken-2011-09'], signs: ['bare-common-name'],
    remedy: (finding) => ({
      sentence: `Reissue the Exchange certificate with a real host name, such as ${host(finding)}, as the subject's common name; the alternative names can stay as they are.`,
      commands: [showCertificates, `New-ExchangeCertificate -GenerateRequest -SubjectName "CN=${host(finding)}" -DomainName <all names> -PrivateKeyExportable $true   (Exchange Management Shell)`, enable],
    }),
  },
  {
    id: 'LPE040', title: 'The Exchange certificate does not carry the name that the phone connects to',
    symptom: 'Signed in, with a warning that Exchange cannot be used; Outlook is content.',
    cause: 'The name autodiscover.<domain> or the host of Exchange Web Services is not among the names, or only a wildcard covers it, which builds before 4.0.7577.4100 do not accept.',
    beforehand: 'Hold the Autodiscover and EWS names against the certificate: `lpe check --service exchange`.',
    confidence: 'observed', evidence: ['schertz-2011-02'], signs: ['name'], when: ofExchange,
    remedy: (finding) => {
      const newer = finding.check?.facts['wildcard'] === undefined ? '' : ', or bring the phones to 4.0.7577.4100 or later, which accept the wildcard';
      return {
        sentence: `Reissue the Exchange certificate with ${host(finding)} spelt out as a subject alternative name${newer}.`,
        commands: [showCertificates, `New-ExchangeCertificate -GenerateRequest -DomainName ${host(finding)},<further names> -PrivateKeyExportable $true   (Exchange Management Shell)`, enable],
      };
    },
  },
  {
    id: 'LPE073', title: 'Exchange does not answer the phone as it should',
    symptom: 'Signed in, with a warning that Exchange cannot be used.',
    cause: 'Autodiscover is published and does not answer, or it or Exchange Web Services answer otherwise than they should.',
    beforehand: 'From the phone VLAN, open https://autodiscover.<domain>/autodiscover/autodiscover.xml and the EWS address: both ask for credentials.',
    confidence: 'observed', evidence: ['oxchange-2014-07'], signs: ['exchange-unavailable'],
    remedy: () => ({
      sentence: 'Check that Autodiscover and Exchange Web Services answer the phones under the names they are published with, at port 443 and with TLS 1.0.',
      commands: [
        'Test-OutlookWebServices -Identity <mailbox>   (Exchange Management Shell)',
        'Get-WebServicesVirtualDirectory | Format-List Server, InternalUrl, ExternalUrl, WindowsAuthentication   (Exchange Management Shell)',
      ],
    }),
  },
];
