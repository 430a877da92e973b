/**
 * The phone's TLS as a transport for sip.js: `lync-phone-emulator/sip-transport`.
 * @module
 */
export { connectSip, type SipTransport, type SipTransportOptions } from './phone/sip/tls-transport.js';
