import { Failure } from '../../failure.js';
import { xml, type Markup } from '../soap/markup.js';
import { addressingNamespace, policyNamespace, securityPolicyNamespace, utilityNamespace, wsdlNamespace, wsdlSoapNamespace } from '../soap/namespaces.js';
import type { XmlElement } from '../soap/xml.js';

/** What a port asks of its callers: a token of this issuer, and whether its proof key must sign the request. */
interface TokenPolicy {
  /** Address of the token's issuer, to which `/mex` is added. */
  issuer: string;
  /** `sp:EndorsingSupportingTokens`: sign; `sp:SignedSupportingTokens`: the bare token is enough. */
  signed: boolean;
}

/** One way into a service. */
export interface MexPort {
  /** What clients choose by: `WebTicketServiceWinNegotiate`. */
  name: string;
  location: string;
  token?: TokenPolicy | undefined;
}

/** Writes the WSDL 1.1 with WS-Policy attachments that a service answers to GET of `/mex` (WS-MetadataExchange). */
export function writeMex(service: string, targetNamespace: string, ports: readonly MexPort[]): string {
  const policies = ports.map(({ name, token }) => xml`<wsp:Policy wsu:Id="${`${name}_policy`}"><wsp:ExactlyOne><wsp:All>${
    token === undefined ? xml`` : tokenAssertion(token)}</wsp:All></wsp:ExactlyOne></wsp:Policy>`);
  const bindings = ports.map(({ name }) => xml`<wsdl:binding name="${name}" type="${`tns:I${service}`}"><wsp:PolicyReference URI="${`#${name}_policy`
  }"/><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/></wsdl:binding>`);
  const written = ports.map(({ name, location }) =>
    xml`<wsdl:port name="${name}" binding="${`tns:${name}`}"><soap:address location="${location}"/></wsdl:port>`);
  return xml`<?xml version="1.0" encoding="utf-8"?><wsdl:definitions name="${service}" targetNamespace="${targetNamespace}" xmlns:tns="${targetNamespace
  }" xmlns:wsdl="${wsdlNamespace}" xmlns:soap="${wsdlSoapNamespace}" xmlns:wsp="${policyNamespace}" xmlns:sp="${securityPolicyNamespace
  }" xmlns:wsu="${utilityNamespace}" xmlns:wsa10="${addressingNamespace}">${policies}<wsdl:portType name="${`I${service}`}"/>${bindings
  }<wsdl:service name="${service}">${written}</wsdl:service></wsdl:definitions>`.text;
}

function tokenAssertion({ issuer, signed }: TokenPolicy): Markup {
  const policy = xml`<wsp:Policy><sp:IssuedToken sp:IncludeToken="http://schemas.xmlsoap.org/ws/2005/07/securitypolicy/IncludeToken/AlwaysToRecipient"><sp:Issuer><wsa10:Address>${
    issuer}</wsa10:Address></sp:Issuer></sp:IssuedToken></wsp:Policy>`;
  return signed
    ? xml`<sp:EndorsingSupportingTokens>${policy}</sp:EndorsingSupportingTokens>`
    : xml`<sp:SignedSupportingTokens>${policy}</sp:SignedSupportingTokens>`;
}

/**
 * Reads the ports of a service's metadata: each with the address of its `soap:address` and, from the policy named
 * `<port>_policy`, the issuer of the token it wants. A document without ports gives an empty list; one that is no WSDL throws a Failure `mex/not-metadata`.
 */
export function readMex(definitions: XmlElement): MexPort[] {
  if (definitions.local !== 'definitions' || definitions.namespace !== wsdlNamespace) {
    throw new Failure('mex/not-metadata', `The metadata are no WSDL: the document is a "${definitions.local.slice(0, 100)}".`);
  }
  const policies = definitions.elements('Policy', policyNamespace);
  return definitions.elements('service', wsdlNamespace).flatMap((service) => service.elements('port', wsdlNamespace)).flatMap((port) => {
    const name = port.attribute('name');
    const location = port.child('address')?.attribute('location');
    if (name === undefined || location === undefined) return [];
    const policy = policies.find((candidate) => candidate.attribute('Id', utilityNamespace) === `${name}_policy`);
    return [{ name, location, token: policy && readTokenPolicy(policy) }];
  });
}

function readTokenPolicy(policy: XmlElement): TokenPolicy | undefined {
  for (const [assertion, signed] of [['EndorsingSupportingTokens', true], ['SignedSupportingTokens', false]] as const) {
    const issuer = policy.find('ExactlyOne', 'All', assertion, 'Policy', 'IssuedToken', 'Issuer', 'Address')?.text.trim();
    if (issuer) return { issuer, signed };
  }
  return undefined;
}
