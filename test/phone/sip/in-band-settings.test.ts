import assert from 'node:assert/strict';
import { provisioningQuery, readRoamingSelf, readServerConfiguration, roamingSelfSubscription } from '../../../src/phone/sip/in-band-settings.js';

// Documents in the shape of MS-SIPREGE 2.2.2.5 and MS-PRES 4.4.1.
const provisioning = Buffer.from(`<provisionGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification">
 <provisionGroup name="ServerConfiguration"><organization>Contoso Lab</organization><ucEnforcePinLock>true</ucEnforcePinLock><ucPhoneTimeOut> 10 </ucPhoneTimeOut></provisionGroup>
 <provisionGroup name="ucPolicy"><instance><property name="x">y</property></instance></provisionGroup></provisionGroupList>`);
const roamingSelf = Buffer.from(`<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">
 <categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:alice@contoso.lab">
  <category name="userProperties" instance="0"><userProperties><lines><line lineType="Uc">tel:+15550100;ext=100</line></lines></userProperties></category>
  <category name="contactCard" instance="0"><contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>Alice</displayName></name></identity></contactCard></category>
  <category name="state" instance="1"><state xmlns="http://schemas.microsoft.com/2006/09/sip/state"><availability>3500</availability></state></category>
 </categories></roamingData>`);

describe('in-band settings', () => {
  it('asks for the groups, with the subnet escaped', () => {
    const { headers, body } = provisioningQuery('10.0.0.0"&');
    assert.match(body?.content ?? '', /^<provisioningGroupList xmlns="http:\/\/schemas\.microsoft\.com\/2006\/09\/sip\/provisioninggrouplist" subnet="10\.0\.0\.0&quot;&amp;"><provisioningGroup name="ServerConfiguration"\/>/);
    assert.ok(headers.includes('Expires: 0'));
    assert.ok(roamingSelfSubscription().headers.includes('Supported: ms-piggyback-first-notify'));
  });

  it('reads the server configuration, and no other group', () => {
    assert.deepEqual(readServerConfiguration(provisioning), { organization: 'Contoso Lab', ucEnforcePinLock: 'true', ucPhoneTimeOut: '10' });
  });

  it('reads name, number and availability', () => {
    assert.deepEqual(readRoamingSelf(roamingSelf), { displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', availability: '3500' });
  });

  it('finds nothing in other documents and refuses what is no XML', () => {
    assert.deepEqual(readServerConfiguration(roamingSelf), {});
    assert.deepEqual(readRoamingSelf(provisioning), { displayName: undefined, lineUri: undefined, availability: undefined });
    assert.throws(() => readRoamingSelf(Buffer.from('<a>')), { code: 'xml/malformed' });
  });
});
