import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';

const code = (expected: string) => (error: unknown): boolean => error instanceof Failure && error.code === expected;

describe('parseXml', () => {
  it('gives names, namespaces, attributes and text', () => {
    const root = parseXml('<a:x xmlns:a="urn:u" xmlns="urn:d" b=\'1>\' a:c="2&#10;3">t<y/><!-- c -->&amp;<![CDATA[<z>]]><z xmlns="">q</z ></a:x>');
    assert.deepEqual([root.name, root.prefix, root.local, root.namespace], ['a:x', 'a', 'x', 'urn:u']);
    assert.deepEqual([...root.declarations], [['a', 'urn:u'], ['', 'urn:d']]);
    assert.equal(root.attribute('b'), '1>');
    assert.equal(root.attribute('c'), undefined);
    assert.equal(root.attribute('c', 'urn:u'), '2\n3');
    assert.equal(root.text, 't&<z>q');
    assert.deepEqual(root.elements().map((child) => [child.local, child.namespace]), [['y', 'urn:d'], ['z', '']]);
    assert.equal(root.child('z', 'urn:d'), undefined);
    assert.equal(root.find('z')?.text, 'q');
    assert.equal(root.find('y')?.resolvePrefix('a'), 'urn:u');
    assert.deepEqual([...root.selfAndDescendants()].map((element) => element.local), ['x', 'y', 'z']);
  });

  it('cuts an element out exactly as it was written', () => {
    const inner = "<p:b  q='>' xmlns:p=\"urn:p\">\r\n <c /><!--<b>-->&#x41;</p:b >";
    const root = parseXml(Buffer.from(`\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<a>\u{1F4DE}${inner}<d/></a>`));
    assert.equal(root.child('b')?.raw, inner);
    assert.equal(root.child('b')?.rawContent, '\r\n <c /><!--<b>-->&#x41;');
    assert.equal(root.child('d')?.raw, '<d/>');
    assert.equal(root.child('d')?.rawContent, '');
  });

  it('refuses what SOAP forbids and what is not well-formed', () => {
    assert.throws(() => parseXml('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'), code('xml/forbidden'));
    assert.throws(() => parseXml('<?xml-stylesheet href="x"?><a/>'), code('xml/forbidden'));
    for (const bad of ['', 'text', '<a', '<a>', '<a></b>', '<a>&x;</a>', '<p:a/>', '<a/><b/>', '<a b="1" b="2"/>', '<a>\u0001</a>']) {
      assert.throws(() => parseXml(bad), code('xml/malformed'), bad);
    }
    assert.throws(() => parseXml(Buffer.from([0x3c, 0x61, 0x3e, 0xff])), code('xml/malformed'));
  });

  it('bounds size, depth and number of nodes', () => {
    assert.throws(() => parseXml(`<a>${' '.repeat(1 << 20)}</a>`), code('xml/too-large'));
    assert.throws(() => parseXml('<a>'.repeat(65)), code('xml/too-large'));
    assert.throws(() => parseXml(`<a>${'<b/>'.repeat(60_000)}</a>`), code('xml/too-large'));
    assert.equal(parseXml('<a>'.repeat(64) + '</a>'.repeat(64)).local, 'a');
  });

  it('never throws anything but a Failure', () => {
    const pieces = fc.constantFrom('<a>', '</a>', '<', '>', '&', ';', '"', "'", '/', '!', '?', '[', ']', '--', 'xmlns', ':', '=', ' ', 'x', '\u0000', '\ud800');
    fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try { parseXml(parts.join('')); } catch (error) { assert.ok(error instanceof Failure); }
    }));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try { parseXml(Buffer.from(bytes)); } catch (error) { assert.ok(error instanceof Failure); }
    }));
  });
});
