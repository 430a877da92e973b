import { writeAuditLine } from '../../protocol/deviceupdate/audit-line.js';
import { deviceType, imageFileName, readUpdateFilePath, signatureFileName } from '../../protocol/deviceupdate/file-path.js';
import { signImage, writeImage } from '../../protocol/deviceupdate/image.js';
import { readUpdateRequest, writeUpdateResponse, type OfferedModule, type UpdateRequest } from '../../protocol/deviceupdate/messages.js';
import type { Deployment } from '../deployment.js';
import type { WebCall, WebReply, WebService } from './call.js';
import { imageSigningKey } from './image-signing-key.js';
import { updateStorePath } from './paths.js';
import { authenticateWindows } from './windows-authentication.js';

/** Lines of the audit log that are kept. */
const mostLines = 10_000;

const logs = new WeakMap<Deployment, string[]>();

/** The audit log of a deployment's update service. The real one is a file a server and day. */
export function updateAuditOf(deployment: Deployment): readonly string[] {
  return logs.get(deployment) ?? [];
}

/** Takes a request only from someone who says who they are: what Lync publishes outside refuses anonymous devices. With what they answer, NTLM here, is assumed. */
export function authenticated(service: WebService): WebService {
  return (call) => {
    const outcome = authenticateWindows(call);
    return 'reply' in outcome ? outcome.reply : service(call);
  };
}

/** A device asks whether there is something to install: what is approved for its model (pending, for a test device) and differs from what it has. */
export function updateCheck({ deployment, fqdn, body, connection }: WebCall): WebReply {
  const request = readUpdateRequest(body.root);
  const modules = offerFor(request, deployment);
  const log = logs.get(deployment) ?? [];
  logs.set(deployment, log);
  log.push(writeAuditLine({ time: deployment.now(), clientAddress: connection.remoteAddress ?? '', request, offered: modules }));
  if (log.length > mostLines) log.shift();
  return {
    status: 200,
    body: writeUpdateResponse({
      baseUrl: deployment.baseUrl(fqdn, deployment.topology.updates.store) + updateStorePath.internal,
      externalBaseUrl: deployment.baseUrl(fqdn, 'https') + updateStorePath.external,
      modules,
    }),
  };
}

function offerFor({ deviceType: type, macAddress, model, modules }: UpdateRequest, { topology: { updates }, now }: Deployment): OfferedModule[] {
  const rule = updates.rules.find((each) => same(each.model, model));
  const isTest = updates.testDevices.some((address) => same(address, macAddress));
  const version = (isTest ? rule?.pendingVersion : undefined) ?? rule?.approvedVersion;
  if (!same(type, deviceType) || version === undefined || modules.some((module) => module.version === version)) return [];
  return [{ fileName: imageFileName, signatureFileName, version, timestamp: new Date(now()).toISOString() }];
}

/** A file of the store: the image of a version that some rule has for the model, or its signature. */
export function updateFile({ deployment: { topology: { updates } }, path }: WebCall): WebReply {
  const file = readUpdateFilePath(path.replace(/^\/[^/]+\/[^/]+\//, ''));
  const rule = updates.rules.find(({ model, approvedVersion, pendingVersion }) =>
    file !== undefined && same(model, file.model) && [approvedVersion, pendingVersion].includes(file.version));
  if (file === undefined || rule === undefined) return { status: 404 };
  const image = writeImage({ model: rule.model, version: file.version });
  const headers = { 'Content-Type': 'application/octet-stream' };
  if (same(file.fileName, imageFileName)) return { status: 200, headers, body: image };
  if (same(file.fileName, signatureFileName)) return { status: 200, headers, body: signImage(image, imageSigningKey) };
  return { status: 404 };
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
