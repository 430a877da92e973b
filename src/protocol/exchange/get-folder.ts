import { Failure } from '../../failure.js';
import { writeEnvelope, type Envelope } from '../soap/envelope.js';
import { xml } from '../soap/markup.js';

/*
 * ASSUMED: which operation of Exchange Web Services a phone begins with. It shows the calendar, so it asks for that folder
 * (GetFolder, MS-OXWSFOLD 3.1.4.6): the smallest question that only a mailbox of one's own answers.
 */

const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const types = 'http://schemas.microsoft.com/exchange/services/2006/types';

/** Where a Client Access server has EWS. */
export const ewsPath = '/EWS/Exchange.asmx';

/** SOAPAction of the request. */
export const getFolderAction = `${messages}/GetFolder`;

/** Asks for the user's own calendar, its identifier only. */
export function writeGetCalendar(): string {
  return writeEnvelope(
    xml`<GetFolder xmlns="${messages}" xmlns:t="${types}"><FolderShape><t:BaseShape>IdOnly</t:BaseShape></FolderShape><FolderIds><t:DistinguishedFolderId Id="calendar"/></FolderIds></GetFolder>`,
    xml`<t:RequestServerVersion xmlns:t="${types}" Version="Exchange2007_SP1"/>`,
  );
}

/** The folder asked for by its well-known name. Throws `exchange/malformed`. */
export function readGetFolder({ body }: Envelope): string {
  const folder = body.child('GetFolder', messages)?.find('FolderIds', 'DistinguishedFolderId')?.attribute('Id');
  if (folder === undefined) throw new Failure('exchange/malformed', 'A GetFolder request without a DistinguishedFolderId was received.');
  return folder;
}

/** The calendar's identifier, which means something to this server only. */
export function writeCalendar(folderId: string): string {
  return response(xml`<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders><t:CalendarFolder><t:FolderId Id="${
    folderId}"/></t:CalendarFolder></m:Folders></m:GetFolderResponseMessage>`);
}

/** An answer to a question for another folder. */
export function writeFolderNotFound(): string {
  return response(xml`<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>The specified folder could not be found in the store.</m:MessageText><m:ResponseCode>ErrorFolderNotFound</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:Folders/></m:GetFolderResponseMessage>`);
}

function response(message: ReturnType<typeof xml>): string {
  return writeEnvelope(
    xml`<m:GetFolderResponse xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages>${message}</m:ResponseMessages></m:GetFolderResponse>`,
    xml`<t:ServerVersionInfo xmlns:t="${types}" MajorVersion="14" MinorVersion="1" Version="Exchange2010_SP1"/>`,
  );
}

/** The folder's identifier. Throws `exchange/malformed`, or `exchange/ews` with the server's ResponseCode. */
export function readFolderId({ body }: Envelope): string {
  const message = body.child('GetFolderResponse', messages)?.find('ResponseMessages', 'GetFolderResponseMessage');
  if (message === undefined) throw new Failure('exchange/malformed', 'An answer to GetFolder was expected and another document came.');
  const code = message.child('ResponseCode')?.text.trim().slice(0, 100) ?? '';
  if (message.attribute('ResponseClass') !== 'Success') throw new Failure('exchange/ews', `Exchange Web Services answered GetFolder with ${code || 'no ResponseCode'}.`, { facts: { code } });
  const [folder] = message.child('Folders')?.elements() ?? [];
  const id = folder?.child('FolderId', types)?.attribute('Id');
  if (id === undefined) throw new Failure('exchange/malformed', 'An answer to GetFolder without a FolderId was received.');
  return id;
}
