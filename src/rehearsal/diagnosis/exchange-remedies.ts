import type { Facts } from '../../failure.js';
import type { FailedCheck } from './certificate-remedies.js';
import { fact, type Remedy } from './remedy.js';

const showCertificates = 'Get-ExchangeCertificate | Format-List Subject, CertificateDomains, Issuer, NotAfter, Services   (Exchange Management Shell)';

/** How the Exchange certificate comes to pass; undefined where that is as for any other server's. */
export function exchangeCertificateRemedy(check: FailedCheck | undefined, facts: Facts): Remedy | undefined {
  const host = fact(facts, 'host', '<host name>');
  switch (check?.rule) {
    case 'trust':
    case 'chain-complete':
      return {
        sentence: "Have the certificate web service hand out the root of Exchange's certificate too, which it does only while it does not infer the chain from its own; a phone that learnt its chain before needs a reset.",
        commands: [
          '$root = New-CsWebTrustedCACertificate -Thumbprint <thumbprint of the Exchange root> -CAStore TrustedRootCA',
          'Set-CsWebServiceConfiguration -Identity Global -TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false',
        ],
      };
    case 'name': {
      const newer = check.facts['wildcard'] !== undefined ? ', or bring the phones to 4.0.7577.4100 or later, which accept the wildcard' : '';
      return {
        sentence: `Reissue the Exchange certificate with ${host} spelt out as a subject alternative name${newer}.`,
        commands: [
          showCertificates, `New-ExchangeCertificate -GenerateRequest -DomainName ${host},<further names> -PrivateKeyExportable $true   (Exchange Management Shell)`,
          'Enable-ExchangeCertificate -Thumbprint <thumbprint of the new certificate> -Services IIS   (Exchange Management Shell)',
        ],
      };
    }
    case 'bare-common-name':
      return {
        sentence: `Reissue the Exchange certificate with a real host name, such as ${host}, as the subject's common name; the alternative names can stay as they are.`,
        commands: [
          showCertificates, `New-ExchangeCertificate -GenerateRequest -SubjectName "CN=${host}" -DomainName <all names> -PrivateKeyExportable $true   (Exchange Management Shell)`,
          'Enable-ExchangeCertificate -Thumbprint <thumbprint of the new certificate> -Services IIS   (Exchange Management Shell)',
        ],
      };
    default: return undefined;
  }
}

/** What to change where Exchange cannot be used for another reason than its certificate. */
export function exchangeRemedy(rule: 'exchange-unavailable' | 'exchange-credentials-refused', facts: Facts): Remedy {
  if (rule === 'exchange-credentials-refused') {
    return {
      sentence: "Check the AD account and its password, tether the phone once more so that it learns them, and check that Exchange takes Windows authentication.",
      commands: [
        `Get-Mailbox "${fact(facts, 'account', '<DOMAIN\\user>')}" | Format-List PrimarySmtpAddress   (Exchange Management Shell)`,
        'Get-WebServicesVirtualDirectory | Format-List Server, WindowsAuthentication   (Exchange Management Shell)',
      ],
    };
  }
  return {
    sentence: 'Check that Autodiscover and Exchange Web Services answer the phones under the names they are published with, at port 443 and with TLS 1.0.',
    commands: [
      'Test-OutlookWebServices -Identity <mailbox>   (Exchange Management Shell)',
      'Get-WebServicesVirtualDirectory | Format-List Server, InternalUrl, ExternalUrl, WindowsAuthentication   (Exchange Management Shell)',
    ],
  };
}
