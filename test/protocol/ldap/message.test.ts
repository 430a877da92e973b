import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { encodeElement, encodeInteger } from '../../../src/protocol/ldap/ber.js';
import type { Filter } from '../../../src/protocol/ldap/filter.js';
import { encodeLdapMessage, LdapFramer, type BindAuthentication, type LdapMessage, type LdapOperation } from '../../../src/protocol/ldap/message.js';

const row = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record<T>(model, { noNullPrototype: true });
const text = fc.string({ maxLength: 150 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
const number = fc.nat({ max: 0x7fffffff });
const result = { resultCode: number, diagnosticMessage: text };
const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    row({ kind: fc.constant('equality' as const), attribute: text, value: text }),
    row({ kind: fc.constant('present' as const), attribute: text }),
    row({ kind: fc.constantFrom('and' as const, 'or' as const), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    row({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;
const authentication: fc.Arbitrary<BindAuthentication> = fc.oneof(
  row({ method: fc.constant('simple' as const), password: text }), row({ method: fc.constant('sasl' as const), mechanism: text, credentials: bytes }),
);
const operation: fc.Arbitrary<LdapOperation> = fc.oneof(
  row({ kind: fc.constant('bindRequest' as const), version: number, name: text, authentication }),
  row({ kind: fc.constant('bindResponse' as const), credentials: fc.option(bytes, { nil: undefined }), ...result }),
  row({ kind: fc.constant('unbindRequest' as const) }),
  row({ kind: fc.constant('searchRequest' as const), base: text, scope: fc.constantFrom('base' as const, 'one' as const, 'subtree' as const), filter, attributes: fc.array(text) }),
  row({
    kind: fc.constant('searchResultEntry' as const), name: text,
    attributes: fc.array(row({ name: text, values: fc.array(bytes, { maxLength: 3 }) }), { maxLength: 3 }),
  }),
  row({ kind: fc.constant('searchResultDone' as const), ...result }),
);
const message: fc.Arbitrary<LdapMessage> = row({ id: number, operation });

describe('LDAP messages', () => {
  it('have the bytes that RFC 4511 prescribes', () => {
    // Written out by hand from section 4.2 and 4.5.1: an anonymous bind, and a search for rootDSE with (objectClass=*).
    assert.equal(encodeLdapMessage({ id: 1, operation: { kind: 'bindRequest', version: 3, name: '', authentication: { method: 'simple', password: '' } } }).toString('hex'), '300c020101600702010304008000');
    assert.equal(
      encodeLdapMessage({
        id: 2, operation: { kind: 'searchRequest', base: '', scope: 'base', filter: { kind: 'present', attribute: 'objectClass' }, attributes: [] },
      }).toString('hex'),
      '3025020102' + '6320' + '04000a01000a0100020100020100010100' + '870b6f626a656374436c617373' + '3000',
    );
  });

  it('encode numbers and lengths in the fewest bytes', () => {
    assert.deepEqual([0, 127, 128, 255, 256, 0x7fffffff].map((value) => encodeInteger(2, value).toString('hex')),
      ['020100', '02017f', '02020080', '020200ff', '02020100', '02047fffffff']);
    const header = (length: number) => encodeElement(4, Buffer.alloc(length)).toString('hex').slice(0, -2 * length);
    assert.deepEqual([127, 128, 255, 256, 65536].map(header), ['047f', '048180', '0481ff', '04820100', '0483010000']);
  });

  it('come back as they were written, however the stream is cut', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 4 }), fc.integer({ min: 1, max: 400 }), (written, size) => {
      const stream = Buffer.concat(written.map(encodeLdapMessage));
      const framer = new LdapFramer();
      const read: LdapMessage[] = [];
      for (let at = 0; at < stream.length; at += size) read.push(...framer.push(stream.subarray(at, at + size)));
      assert.deepEqual(read, written);
    }));
  });

  it('are either read, waited for or refused, whatever the bytes', () => {
    const push = (stream: Buffer) => {
      try {
        new LdapFramer().push(stream);
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'ldap/malformed', String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (stream) => { push(Buffer.from(stream)); }));
    fc.assert(fc.property(message, fc.nat(), fc.nat({ max: 255 }), (written, at, value) => {
      const stream = encodeLdapMessage(written);
      stream[at % stream.length] = value;
      push(stream);
    }));
  });

  it('are refused when too large, of indefinite length, or nested without end', () => {
    assert.throws(() => new LdapFramer().push(Buffer.from('30847fffffff', 'hex')), /larger than/);
    assert.throws(() => new LdapFramer().push(Buffer.from('3080', 'hex')), /indefinite/);
    let nested: Filter = { kind: 'present', attribute: 'a' };
    for (let depth = 0; depth < 20; depth++) nested = { kind: 'not', filter: nested };
    const deep = encodeLdapMessage({ id: 1, operation: { kind: 'searchRequest', base: '', scope: 'base', filter: nested, attributes: [] } });
    assert.throws(() => new LdapFramer().push(deep), /nested/);
  });
});
