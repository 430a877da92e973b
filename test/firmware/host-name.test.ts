import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { compareHostName, liesInDomain, toHostName, type HostNameRules } from '../../src/firmware/host-name.js';

interface Row { source: string; presented: string[]; host: string; match: boolean }
interface Disagreement { source: string; presented: string[]; host: string; reason: string }

const read = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as unknown;

/** Each verifier on the axes of a profile: Go 1.19 crypto/x509, Chromium net/cert. */
const verifiers: Record<string, HostNameRules> = {
  go: { letterCase: 'ignored', trailingDot: 'ignored-in-host', wildcardMinimumLabels: 1, wildcardPublicSuffix: 'accepted' },
  chromium: { letterCase: 'ignored', trailingDot: 'ignored-in-both', wildcardMinimumLabels: 2, wildcardPublicSuffix: 'refused' },
};

function matches(host: string, presented: readonly string[], rules: HostNameRules): boolean {
  const name = toHostName(host);
  return name !== undefined && presented.some((each) => ['equal', 'wildcard'].includes(compareHostName(name, each, rules).relation));
}

describe('host names', () => {
  describe('as other verifiers compare them', () => {
    const rows = read('host-names.json') as Row[];
    const allowed = read('host-names-disagreements.json') as Disagreement[];
    const allowance = (row: Row) => allowed.find(({ source, presented, host }) => source === row.source && host === row.host && presented.join('|') === row.presented.join('|'));

    it('has the rows of both', () => {
      assert.deepEqual(Object.keys(verifiers).map((name) => rows.filter(({ source }) => source === name).length), [38, 69]);
    });
    for (const row of rows) {
      const disagreement = allowance(row);
      it(`${row.source}: ${JSON.stringify(row.host)} against ${JSON.stringify(row.presented)}${disagreement === undefined ? '' : ` (differs: ${disagreement.reason})`}`, () => {
        const match = matches(row.host, row.presented, verifiers[row.source] as HostNameRules);
        // An allowance that is no longer needed fails too.
        assert.equal(match, disagreement === undefined ? row.match : !row.match);
      });
    }
    it('allows a disagreement only for rows that exist, each with a reason', () => {
      for (const entry of allowed) {
        assert.ok(rows.some((row) => allowance(row) === entry), entry.host);
        assert.ok(entry.reason.length > 20);
      }
    });
  });

  const rules = verifiers.go as HostNameRules;
  const relation = (host: string, presented: string, changed: Partial<HostNameRules> = {}) => compareHostName(host, presented, { ...rules, ...changed });

  it('says what came close and which rule decided', () => {
    assert.deepEqual(relation('a.b.c', 'a.b.c'), { relation: 'equal', presented: 'a.b.c', leansOn: [] });
    assert.deepEqual(relation('a.b.c', 'A.b.c').leansOn, ['letterCase']);
    assert.equal(relation('a.b.c', 'A.b.c', { letterCase: 'significant' }).relation, 'case-differs');
    assert.deepEqual(relation('a.b.c.', 'a.b.c').leansOn, ['trailingDot']);
    assert.equal(relation('a.b.c.', 'a.b.c', { trailingDot: 'significant' }).relation, 'dot-differs');
    assert.equal(relation('a.b.c', 'a.b.c.').relation, 'dot-differs');
    assert.deepEqual(relation('a.b.c', '*.b.c'), { relation: 'wildcard', presented: '*.b.c', leansOn: [] });
    assert.deepEqual(relation('a.b.c', '*.B.c').leansOn, ['letterCase']);
    assert.deepEqual(relation('a.com', '*.com').leansOn, ['wildcardMinimumLabels']);
    assert.equal(relation('a.com', '*.com', { wildcardMinimumLabels: 2 }).relation, 'wildcard-too-wide');
    assert.deepEqual(relation('a.co.uk', '*.co.uk').leansOn, ['wildcardPublicSuffix']);
    assert.equal(relation('a.co.uk', '*.co.uk', { wildcardPublicSuffix: 'refused' }).relation, 'wildcard-public-suffix');
    assert.equal(relation('x.a.b.c', '*.b.c').relation, 'wildcard-too-deep');
    assert.equal(relation('foo.b.c', 'f*.b.c').relation, 'wildcard-partial');
    assert.equal(relation('goo.b.c', 'f*.b.c').relation, 'unrelated');
    assert.equal(relation('b.c', '*.b.c').relation, 'unrelated');
  });

  it('turns letters outside ASCII into A-labels, and refuses what is no host name', () => {
    assert.equal(toHostName('bücher.example'), 'xn--bcher-kva.example');
    assert.equal(toHostName('SIP.contoso.com.'), 'SIP.contoso.com.');
    for (const bad of ['', '.', 'a..b', '*.b', 'a b', 'a/b', 'a:5061', '1.2.3.4.5', 'a\0b', `${'a'.repeat(64)}.b`, 'a.'.repeat(127) + 'bb']) assert.equal(toHostName(bad), undefined, bad);
  });

  it('knows a domain by whole labels', () => {
    assert.ok(liesInDomain('sip.Contoso.com', 'contoso.com') && liesInDomain('contoso.com.', 'contoso.com') && liesInDomain('a.b.contoso.com', 'contoso.com'));
    assert.ok(!liesInDomain('sip.notcontoso.com', 'contoso.com') && !liesInDomain('com', 'contoso.com'));
  });

  const anyRules = fc.record({
    letterCase: fc.constantFrom('ignored' as const, 'significant' as const),
    trailingDot: fc.constantFrom('ignored-in-host' as const, 'ignored-in-both' as const, 'significant' as const),
    wildcardMinimumLabels: fc.integer({ min: 1, max: 3 }),
    wildcardPublicSuffix: fc.constantFrom('accepted' as const, 'refused' as const),
  });
  it('matches a name with itself under any rules, and never another domain', () => {
    fc.assert(fc.property(fc.domain(), fc.domain(), anyRules, (host, other, any) => {
      assert.equal(compareHostName(host, host, any).relation, 'equal');
      fc.pre(host.toLowerCase() !== other.toLowerCase());
      assert.notEqual(compareHostName(host, other, any).relation, 'equal');
      assert.equal(compareHostName(host, `*.${host}`, any).relation, 'unrelated');
    }));
  });
  it('never throws, whatever is presented', () => {
    fc.assert(fc.property(fc.domain(), fc.string({ unit: fc.constantFrom('a', '.', '*', '\0', 'é', 'com') }), anyRules, (host, presented, any) => {
      compareHostName(host, presented, any);
      toHostName(presented);
    }));
  });
});
