import assert from 'node:assert/strict';
import { endpointUuid } from '../../../src/protocol/sip/endpoint-identity.js';
import { deviceContent, machineStateContent, readVersions, readWrongDelta, writePublish } from '../../../src/protocol/presence/publication.js';
import { parseXml, type XmlElement } from '../../../src/protocol/soap/xml.js';

const uuid = endpointUuid('492a7ce35f').toUpperCase();

// The shape of MS-PRES 2.2.2.2 and of what the SIPE client publishes.
const published = `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:alice@contoso.lab">
 <publication categoryName="device" instance="1" container="2" version="0" expireType="endpoint">
  <device xmlns="http://schemas.microsoft.com/2006/09/sip/device" endpointId="${uuid}">
   <capabilities preferred="false" uri="sip:alice@contoso.lab"><text capture="true" render="true" publish="false"/>
    <voice capture="true" render="true" publish="false"/></capabilities>
   <timezone>+00:00</timezone><machineName>CX600</machineName></device></publication>
 <publication categoryName="state" instance="805306368" container="2" version="7" expireType="endpoint">
  <state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
   xsi:type="machineState"><availability>3500</availability><endpointLocation/></state></publication>
</publications></publish>`;

// MS-PRES 4.4.1.
const roamingData = `<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">
 <categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:alice@contoso.lab">
  <category name="userProperties" instance="0" publishTime="2013-02-01T10:00:00Z" container="1" version="1" expireType="static">
   <userProperties><lines><line lineType="Uc">tel:+15550100;ext=100</line></lines></userProperties></category>
  <category name="state" instance="805306368" publishTime="2013-02-01T10:00:00Z" container="2" version="7" expireType="user"/>
  <category name="state" instance="many" container="2" version="1"/><category name="state" instance="1" container="2" version="-1"/><category instance="1" container="2" version="1"/>
  <category name="note" instance="4294967295" container="0" version="99999999999"/><category name="note" instance="4294967295" container="0" version="9999999999"/>
 </categories></roamingData>`;

/** What a document says, whatever its white space and prefixes. */
function meaning(element: XmlElement): unknown {
  const attributes = element.attributes.map(({ namespace, local, value }) => `${namespace} ${local}=${value}`).sort();
  const inner = element.elements();
  return [element.namespace, element.local, attributes, inner.length === 0 ? element.text.trim() : inner.map(meaning)];
}

describe('publications', () => {
  it('are written as MS-PRES has them', () => {
    const written = writePublish('sip:alice@contoso.lab', [
      { category: 'device', instance: 1, container: 2, content: deviceContent({ sipUri: 'sip:alice@contoso.lab', uuid, machineName: 'CX600' }) },
      { category: 'state', instance: 805306368, container: 2, content: machineStateContent(3500) },
    ], readVersions(Buffer.from(roamingData)));
    assert.deepEqual(meaning(parseXml(written)), meaning(parseXml(published)));
  });

  it('have versions where a roaming-self document tells whole numbers, bounded', () => {
    assert.deepEqual([...readVersions(Buffer.from(roamingData))], [['userProperties 0 1', 1], ['state 805306368 2', 7], ['note 4294967295 0', 0x7fff_ffff]]);
    assert.equal(readVersions(Buffer.from(`<roamingData><categories>${'<category name="x" instance="1" container="2" version="3"/>'.repeat(2000)}</categories></roamingData>`)).size, 1);
  });

  it('are refused for their versions only by WrongDelta', () => {
    const fault = (code: string) => Buffer.from(`<Fault xmlns="http://schemas.microsoft.com/2006/09/sip/msrtc-fault"><Faultcode>${code}</Faultcode><details><operation index="1" version="0" curVersion="3"/><operation index="0" curVersion="3"/></details></Fault>`);
    assert.deepEqual([...readWrongDelta(fault('Client.BadCall.WrongDelta')) ?? []], [[0, 3]]);
    assert.equal(readWrongDelta(fault('Client.BadCall.Other')), undefined);
    assert.throws(() => readWrongDelta(Buffer.from('no')), { code: 'xml/malformed' });
  });
});
