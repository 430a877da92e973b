import assert from 'node:assert/strict';
import {
  readAutodiscoverRequest, readAutodiscoverResponse, writeAutodiscoverError, writeAutodiscoverRequest, writeAutodiscoverSettings,
} from '../../../src/protocol/exchange/autodiscover.js';
import { readFolderId, readGetFolder, writeCalendar, writeFolderNotFound, writeGetCalendar } from '../../../src/protocol/exchange/get-folder.js';
import { readEnvelope } from '../../../src/protocol/soap/envelope.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';

/** MS-OXDSCLI's response, as Microsoft's reference of Autodiscover (POX) shows it for Exchange 2007 and 2010; shortened. */
const documentedSettings = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <User>
      <DisplayName>First Last</DisplayName>
      <LegacyDN>/o=contoso/ou=First Administrative Group/cn=Recipients/cn=iuser885646</LegacyDN>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>EXCH</Type>
        <Server>MBX-SERVER.mail.internal.contoso.com</Server>
        <ServerVersion>72008287</ServerVersion>
        <ASUrl>https://mail.contoso.com/ews/exchange.asmx</ASUrl>
        <OOFUrl>https://mail.contoso.com/ews/exchange.asmx</OOFUrl>
      </Protocol>
      <Protocol>
        <Type>EXPR</Type>
        <Server>Exchange.contoso.com</Server>
        <ASUrl>https://outside.contoso.com/ews/exchange.asmx</ASUrl>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>`;

/** The request and the response of Microsoft's reference of GetFolder; the folder's identifier is shortened there, too. */
const documentedRequest = `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
  <soap:Body>
    <GetFolder xmlns="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
      <FolderShape><t:BaseShape>Default</t:BaseShape></FolderShape>
      <FolderIds><t:DistinguishedFolderId Id="inbox"/></FolderIds>
    </GetFolder>
  </soap:Body>
</soap:Envelope>`;
const documentedResponse = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <soap:Body>
    <GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
        xmlns="http://schemas.microsoft.com/exchange/services/2006/messages">
      <m:ResponseMessages>
        <m:GetFolderResponseMessage ResponseClass="Success">
          <m:ResponseCode>NoError</m:ResponseCode>
          <m:Folders><t:Folder><t:FolderId Id="AAAlAFVzZ" ChangeKey="AQAAABYAA"/><t:DisplayName>Inbox</t:DisplayName></t:Folder></m:Folders>
        </m:GetFolderResponseMessage>
      </m:ResponseMessages>
    </GetFolderResponse>
  </soap:Body>
</soap:Envelope>`;

describe('Autodiscover', () => {
  const ewsUrl = 'https://mail.contoso.lab/EWS/Exchange.asmx';

  it('reads the settings of Microsoft\'s reference, those for inside first', () => {
    assert.deepEqual(readAutodiscoverResponse(parseXml(documentedSettings)), { ewsUrl: 'https://mail.contoso.com/ews/exchange.asmx' });
    const outside = documentedSettings.replace('<Type>EXCH</Type>', '<Type>WEB</Type>');
    assert.deepEqual(readAutodiscoverResponse(parseXml(outside)), { ewsUrl: 'https://outside.contoso.com/ews/exchange.asmx' });
  });

  it('reads what it writes, whatever the names hold', () => {
    assert.equal(readAutodiscoverRequest(parseXml(writeAutodiscoverRequest('a&b@contoso.lab'))), 'a&b@contoso.lab');
    const settings = writeAutodiscoverSettings({ displayName: '<Alice> & "Co"', server: 'mail.contoso.lab', ewsUrl });
    assert.deepEqual(readAutodiscoverResponse(parseXml(settings)), { ewsUrl });
  });

  it('says what else came', () => {
    const said = (text: string, code: string, sentence: RegExp) => {
      assert.throws(() => readAutodiscoverResponse(parseXml(text)), (error: { code: string; message: string }) => error.code === code && sentence.test(error.message));
    };
    said(writeAutodiscoverError(500, 'The e-mail address cannot be found.'), 'exchange/autodiscover', /error 500: The e-mail address cannot be found\.$/);
    said(documentedSettings.replace('<Action>settings</Action>', '<Action>redirectUrl</Action><RedirectUrl>https://else.example/</RedirectUrl>'),
      'exchange/autodiscover', /points on to https:\/\/else\.example\/, which is not followed/);
    said(documentedSettings.replaceAll('ASUrl', 'Other'), 'exchange/autodiscover', /name no address of Exchange Web Services/);
    said('<html/>', 'exchange/malformed', /the document's root is <html>/);
  });

  it('takes no request for nobody', () => {
    for (const text of ['<a/>', writeAutodiscoverRequest(' '), writeAutodiscoverRequest('a@b').replace('2006"', '2005"')]) {
      assert.throws(() => readAutodiscoverRequest(parseXml(text)), { code: 'exchange/malformed' });
    }
  });
});

describe('GetFolder of Exchange Web Services', () => {
  it('reads request and response of Microsoft\'s reference', () => {
    assert.equal(readGetFolder(readEnvelope(documentedRequest)), 'inbox');
    assert.equal(readFolderId(readEnvelope(documentedResponse)), 'AAAlAFVzZ');
  });

  it('reads what it writes', () => {
    assert.equal(readGetFolder(readEnvelope(writeGetCalendar())), 'calendar');
    assert.equal(readFolderId(readEnvelope(writeCalendar('Zm9sZGVy'))), 'Zm9sZGVy');
  });

  it('says what else came', () => {
    assert.throws(() => readFolderId(readEnvelope(writeFolderNotFound())), { code: 'exchange/ews', message: 'Exchange Web Services answered GetFolder with ErrorFolderNotFound.' });
    assert.throws(() => readFolderId(readEnvelope(writeGetCalendar())), { code: 'exchange/malformed' });
    assert.throws(() => readFolderId(readEnvelope(documentedResponse.replaceAll('FolderId', 'Other'))), { code: 'exchange/malformed' });
    assert.throws(() => readGetFolder(readEnvelope(documentedResponse)), { code: 'exchange/malformed' });
  });
});
