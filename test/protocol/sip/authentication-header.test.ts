import assert from 'node:assert/strict';
import { authenticationHeaders, formatAuthentication, parseAuthentication } from '../../../src/protocol/sip/authentication-header.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { formatDiagnostics, readDiagnostics } from '../../../src/protocol/sip/diagnostics.js';

describe('SIP authentication headers', () => {
  it('are read with parameters in any order, quoted or not', () => {
    const header = parseAuthentication('TLS-DSK version=4,sts-uri="https://se01:443/a,b", Realm="SIP Communications Service" , gssapi-data=""');
    assert.equal(header?.scheme, 'TLS-DSK');
    assert.deepEqual([...header?.parameters ?? []], [
      ['version', '4'], ['sts-uri', 'https://se01:443/a,b'], ['realm', 'SIP Communications Service'], ['gssapi-data', ''],
    ]);
  });

  it('are written with everything quoted but the version', () => {
    assert.equal(formatAuthentication('NTLM', [['qop', 'auth'], ['version', '4'], ['cnum', '1']]), 'NTLM qop="auth", version=4, cnum="1"');
  });

  it('keep every challenge line, and skip what starts with no scheme', () => {
    const message = SipMessage.parse([
      'SIP/2.0 401 Unauthorized', 'WWW-Authenticate: NTLM realm="r"', 'WWW-Authenticate: "nonsense"', 'www-authenticate: TLS-DSK realm="r"', '', '',
    ].join('\r\n'));
    assert.deepEqual(authenticationHeaders(message, 'challenge').map((header) => header.scheme), ['NTLM', 'TLS-DSK']);
  });
});

describe('diagnostics headers', () => {
  const response = (...lines: string[]) => SipMessage.parse(['SIP/2.0 403 Forbidden', ...lines, '', ''].join('\r\n'));

  it('are read, the public one where there is no other', () => {
    assert.deepEqual(readDiagnostics(response('ms-diagnostics: 4004;reason="Not; you";source="se01.contoso.lab";x=y')), {
      id: 4004, reason: 'Not; you',
    });
    assert.deepEqual(readDiagnostics(response('ms-diagnostics-public: 4003;reason="r"')), { id: 4003, reason: 'r' });
    assert.equal(readDiagnostics(response('ms-diagnostics: four')), undefined);
    assert.equal(readDiagnostics(response()), undefined);
  });

  it('are written', () => {
    assert.equal(formatDiagnostics(1000, 'Final handshake failed', 'se01'), '1000;reason="Final handshake failed";source="se01"');
  });
});
