import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalize } from '../../../src/protocol/soap/canonical.js';
import { Markup, xml } from '../../../src/protocol/soap/markup.js';
import { parseXml, type XmlElement } from '../../../src/protocol/soap/xml.js';

function element(root: XmlElement, name: string): XmlElement {
  const found = [...root.selfAndDescendants()].find((candidate) => candidate.name === name);
  assert.ok(found);
  return found;
}

describe('canonicalize', () => {
  it('gives the form of xml-exc-c14n section 2.2, whatever the element stands in', () => {
    const expected = '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>';
    for (const document of [
      '<n0:pdu xmlns:n0="http://a.example"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:pdu>',
      '<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>',
      '<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff/></n1:elem2></n0:local>',
    ]) assert.equal(canonicalize(element(parseXml(document), 'n1:elem2')), expected);
  });

  it('orders namespaces and attributes, drops unused declarations and writes empty tags out', () => {
    const root = parseXml('<e5 xmlns:b="http://b" xmlns:a="http://a" xmlns="http://d" xmlns:unused="u" b:attr="1" a:attr="2" attr2=\'3\' attr="4"><x/></e5>');
    assert.equal(canonicalize(root),
      '<e5 xmlns="http://d" xmlns:a="http://a" xmlns:b="http://b" attr="4" attr2="3" a:attr="2" b:attr="1"><x></x></e5>');
  });

  it('undeclares the default namespace where it must, and declares again what changed', () => {
    assert.equal(canonicalize(parseXml('<a xmlns="u"><b xmlns=""><c xmlns="u"/></b></a>')), '<a xmlns="u"><b xmlns=""><c xmlns="u"></c></b></a>');
    assert.equal(canonicalize(element(parseXml('<p:a xmlns:p="u"><b><p:c xmlns:p="v"/></b></p:a>'), 'b')), '<b><p:c xmlns:p="v"></p:c></b>');
  });

  it('escapes as Canonical XML section 2.3 says', () => {
    assert.equal(canonicalize(parseXml('<a b="&amp;&lt;&gt;&quot;&#9;&#xA;&#xD;\'">&amp;&lt;&gt;"\'&#xD;<![CDATA[&]]><!-- gone --></a>')),
      '<a b="&amp;&lt;>&quot;&#x9;&#xA;&#xD;\'">&amp;&lt;&gt;"\'&#xD;&amp;</a>');
  });

  const names = fc.constantFrom('a', 'b', 'p:a', 'p:b', 'q:c');
  const text = fc.string({ unit: fc.constantFrom('x', '&', '<', '>', '"', "'", '\r', '\n', '\t', ' ', 'é', '\u{1F4DE}'), maxLength: 8 });
  const { tree } = fc.letrec<{ tree: Markup }>((tie) => ({
    tree: fc.tuple(names, text, text, fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 }))).map(([name, attribute, content, children]) =>
      new Markup(`<${name} z="${xml`="${attribute}`.text.slice(2)}" xmlns:p="urn:${name}">${xml`${content}`.text}${children.join('')}</${name}>`)),
  }));

  it('means the same document, and is its own canonical form', () => {
    fc.assert(fc.property(tree, (markup) => {
      const root = parseXml(`<r xmlns:q="urn:q" xmlns="urn:r">${markup.text}</r>`);
      const canonical = canonicalize(root);
      const again = parseXml(canonical);
      assert.equal(canonicalize(again), canonical);
      const shape = (at: XmlElement): unknown => [at.namespace, at.local, at.attributes.map(({ local, value }) => [local, value]),
        at.children.filter((child) => child !== '').map((child) => (typeof child === 'string' ? child : shape(child)))];
      assert.deepEqual(shape(again), shape(root));
    }));
  });
});

describe('xml', () => {
  it('gives back through the parser what was put in, as text and as attribute', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const root = parseXml(xml`<a b="${value}">${value}</a>`.text);
      // What XML 1.0 cannot hold is replaced.
      const held = value.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
      assert.equal(root.attribute('b'), held);
      assert.equal(root.text, held);
    }));
    assert.equal(xml`<a>${'\u0000\ud800'}</a>`.text, '<a>\ufffd\ufffd</a>');
    assert.equal(xml`<a>${xml`<b/>`}${[xml`<c/>`, xml`<d/>`]}${7}</a>`.text, '<a><b/><c/><d/>7</a>');
  });
});
