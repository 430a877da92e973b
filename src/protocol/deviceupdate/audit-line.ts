import type { InstalledModule, OfferedModule, UpdateRequest } from './messages.js';

export interface AuditEntry {
  /** Milliseconds since 1970. */
  time: number;
  clientAddress: string;
  request: UpdateRequest;
  /** What the device was offered. */
  offered: readonly OfferedModule[];
}

/**
 * One request as the Device Update Web service logs it: fields in the documented order, separated by `;`, modules of a list by `#`, the
 * fields of a module by `;` again (Microsoft, "Update Audit Log Schema", Lync Server 2010). How it writes the time is assumed.
 */
export function writeAuditLine({ time, clientAddress, request, offered }: AuditEntry): string {
  const { deviceType, macAddress, serialNumber, vendor, model, revision, locale, modules, userId } = request;
  return [
    new Date(time).toISOString(), clientAddress, ...[deviceType, macAddress, serialNumber, vendor, model, revision, locale].map(field),
    modules.map(requested).join('#'), offered.map(answered).join('#'), field(userId),
  ].join(';');
}

const requested = ({ fileName, version, timestamp }: InstalledModule) => [fileName, version, timestamp].map(field).join(';');

const answered = ({ fileName, signatureFileName, version, timestamp }: OfferedModule) => [fileName, signatureFileName, version, timestamp].map(field).join(';');

/** What a device says must not look like another field or another line. */
function field(text: string): string {
  return text.replace(/[;#\p{Cc}]/gu, '_');
}
