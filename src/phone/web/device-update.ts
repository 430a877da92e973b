import { Failure } from '../../failure.js';
import { deviceType, imageFileName, updateFilePath } from '../../protocol/deviceupdate/file-path.js';
import { readImage, verifyImage } from '../../protocol/deviceupdate/image.js';
import { readUpdateResponse, writeUpdateRequest, type OfferedModule, type UpdateResponse } from '../../protocol/deviceupdate/messages.js';
import { plainConnect } from '../connection.js';
import { secureConnect } from '../secure-connection.js';
import type { PhoneSteps, StepTools, UpdateCheck, UpdateCheckInput } from '../steps.js';
import { HttpClient, portOf, type WebAnswer, type WebRequest } from './http-client.js';
import { requireKnownSignature } from './package-signing.js';
import { shown } from './web-service-failure.js';
import { sendWithWindowsCredentials } from './windows-authentication.js';

/** Path of the update service, for devices inside (Get-CsService -WebServer, DeviceUpdateDownloadInternalUri). */
const path = '/RequestHandler/ucdevice.upx';
/** As the documents' examples have them: nobody lists what revisions and locales there were. */
const [revision, locale] = ['A', 'ENU'];

/**
 * Asks the update service which build is approved. One that differs from the installed one, be it older, is downloaded and its signature
 * verified. Before sign-in that is plain HTTP to the profile's host in the lease's domain; after it the address of in-band provisioning.
 * Where that one cannot be reached, as from outside the office, the phone takes the external address (assumed: no source says when it does).
 * Nothing that goes wrong here stops a sign-in: it is told in the result. Rejects only with the reason of `tools.signal`.
 */
export const checkForUpdate: PhoneSteps['checkForUpdate'] = async (input, tools) => {
  const inside = await checkAt({ ...input, outside: false }, tools);
  if (inside.rule !== 'web-service-unreachable' || !input.externalUrl) return inside;
  return checkAt({ ...input, url: input.externalUrl, outside: true }, tools);
};

type Check = UpdateCheckInput & { outside: boolean };

async function checkAt(input: Check, tools: StepTools): Promise<UpdateCheck> {
  const url = updateAddressOf(input, tools);
  const result = (open: boolean, sentence: string, more: Partial<UpdateCheck> = {}): UpdateCheck =>
    ({ leg: input.leg, url: url instanceof URL ? shown(url) : undefined, open, sentence, rule: undefined, build: undefined, ...more });
  if (!(url instanceof URL)) return result(false, url, { rule: 'update-service-unknown' });
  const client = new HttpClient((to, using) => {
    const at = { host: to.hostname, port: portOf(to), service: 'update' } as const;
    return to.protocol === 'https:' ? secureConnect({ ...at, method: input.method, trust: input.trust }, using) : plainConnect(at, using);
  });
  try {
    const offer = await ask(url, input, client, tools);
    const [module] = offer.modules.filter(({ fileName }) => fileName.toLowerCase() === imageFileName.toLowerCase());
    const installed = tools.profile.build;
    if (module === undefined || module.version === installed) return result(true, `The update service at ${shown(url)} has nothing to install over ${installed}.`);
    if (!input.knows(module.version)) {
      return result(true, `The update service at ${shown(url)} has ${module.version} approved; there is no profile of that build, so it is not installed.`, { rule: 'update-build-unknown' });
    }
    await download(module, offer, input, client, tools);
    requireKnownSignature(module.version, tools.profile);
    return result(true, `The update service at ${shown(url)} has ${module.version} approved; it is installed over ${installed}.`, { build: module.version });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return result(false, error.message, { rule: error.code });
  } finally {
    client.close();
  }
}

/** The address to ask, or the sentence that says why there is none. */
export function updateAddressOf({ leg, url }: Pick<UpdateCheckInput, 'leg' | 'url'>, { network, profile }: Pick<StepTools, 'network' | 'profile'>): URL | string {
  if (leg === 'in-band') {
    if (url === undefined || url === '') return 'In-band provisioning names no update service.';
    return httpUrl(url) ?? `In-band provisioning names ${JSON.stringify(url.slice(0, 200))} as the update service, which is no http or https address.`;
  }
  const host = profile.update.hostBeforeSignIn.value;
  if (host === null) return 'This build asks for no update before a user signs in.';
  if (network.domainName === undefined) return `The lease names no domain in which to look for ${host}.`;
  return httpUrl(`http://${host}.${network.domainName}${path}`) ?? `The lease's domain makes no address of the update service: ${JSON.stringify(network.domainName.slice(0, 200))}.`;
}

function httpUrl(text: string): URL | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

async function ask(url: URL, input: Check, client: HttpClient, tools: StepTools): Promise<UpdateResponse> {
  const { vendor, model } = deviceOf(tools);
  const body = writeUpdateRequest({
    deviceType, macAddress: tools.macAddress, serialNumber: '', vendor, model, revision, locale,
    modules: [{ fileName: imageFileName, version: tools.profile.build, timestamp: '' }], userId: input.sipUri ?? '',
  });
  const answer = await send({ method: 'POST', url, headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body }, input, client, tools);
  requireOk(url, answer);
  return readUpdateResponse(answer.body.bytes);
}

/**
 * A device that nobody has signed in at is refused outside; one with a user is told that anonymous access is not supported, and asks again over
 * HTTPS (Microsoft, on external update requests). That it answers with NTLM and the AD account is assumed; a phone signed in by PIN has none.
 */
async function send(request: WebRequest, { credentials }: Check, client: HttpClient, tools: StepTools): Promise<WebAnswer> {
  const answer = await client.send(request, tools);
  if (answer.status !== 401) return answer;
  if (credentials === undefined) throw new Failure('update-anonymous-refused', `The update service at ${shown(request.url)} takes no anonymous device.`);
  const url = new URL(request.url);
  url.protocol = 'https:';
  return sendWithWindowsCredentials(client, { ...request, url }, credentials, tools);
}

/** Fetches image and signature and holds them to each other and to what was offered. */
async function download({ version, fileName, signatureFileName }: OfferedModule, offer: UpdateResponse, input: Check, client: HttpClient, tools: StepTools): Promise<void> {
  const baseUrl = input.outside ? offer.externalBaseUrl : offer.baseUrl;
  const { vendor, model } = deviceOf(tools);
  const fetchFile = async (name: string) => {
    const below = updateFilePath({ vendor, model, revision, locale, version, fileName: name });
    const url = below === undefined ? undefined : httpUrl(`${baseUrl.replace(/\/$/, '')}/${below}`);
    if (url === undefined) throw new Failure('update-file-unknown', `The update service offers ${version}, but ${JSON.stringify(baseUrl)} and ${JSON.stringify(name)} make no address of a file.`);
    const answer = await send({ method: 'GET', url }, input, client, tools);
    requireOk(url, answer);
    return answer.body.bytes;
  };
  const image = await fetchFile(fileName);
  if (!verifyImage(image, await fetchFile(signatureFileName))) {
    throw new Failure('update-signature-wrong', `The image of ${version} was downloaded, but its signature does not belong to it.`);
  }
  const inside = readImage(image);
  if (inside.version !== version || inside.model.toLowerCase() !== model.toLowerCase()) {
    throw new Failure('update-image-wrong', `The image offered as ${version} for ${model} is ${inside.version} for ${inside.model}.`);
  }
}

function requireOk(url: URL, { status, statusText }: WebAnswer): void {
  if (status !== 200) throw new Failure('update-service-error', `The update service at ${shown(url)} answered ${status} ${statusText.slice(0, 100)}.`, { facts: { status } });
}

function deviceOf({ profile }: StepTools): { vendor: string; model: string } {
  const { vendor = '', version = '' } = profile.identity.deviceInfo.value ?? {};
  return { vendor, model: version };
}
