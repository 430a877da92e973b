/** Namespace names of the web services, under the prefixes in common use. */

export const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';
export const wsdlNamespace = 'http://schemas.xmlsoap.org/wsdl/';
export const wsdlSoapNamespace = 'http://schemas.xmlsoap.org/wsdl/soap/';
/** WS-Addressing 1.0, `wsa` in messages and `wsa10` in WCF's WSDL. */
export const addressingNamespace = 'http://www.w3.org/2005/08/addressing';
/** WS-Policy 1.2. */
export const policyNamespace = 'http://schemas.xmlsoap.org/ws/2004/09/policy';
/** WS-SecurityPolicy 1.1. */
export const securityPolicyNamespace = 'http://schemas.xmlsoap.org/ws/2005/07/securitypolicy';
/** WS-Security 1.0, `wsse`. */
export const securityNamespace = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
/** WS-Security 1.0, `wsu`. */
export const utilityNamespace = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
/** WS-Trust 1.3 as the web ticket service writes it: without the slash at its end. */
export const trustNamespace = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
/** WS-Trust 1.3 as certificate provisioning writes it: with the slash. Each service refuses the other's. */
export const trustNamespaceWithSlash = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/';
/** XML Signature. */
export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#';
/** SAML 1.1 assertions. */
export const samlNamespace = 'urn:oasis:names:tc:SAML:1.0:assertion';
/** WS-Authorization claims. */
export const authorizationNamespace = 'http://schemas.xmlsoap.org/ws/2006/12/authorization';
/** MS-OCAUTHWS: messages of certificate provisioning. */
export const authWebServicesNamespace = 'http://schemas.microsoft.com/OCS/AuthWebServices/';
/** MS-OCAUTHWS: claims dialect and faults. */
export const webAuthenticationNamespace = 'urn:component:Microsoft.Rtc.WebAuthentication.2010';
