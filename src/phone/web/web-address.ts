import { webServiceError, webServiceUnknown } from './web-service-failure.js';

/** The address that option 43 or the SIP challenge gave. Throws the `StageFailure` `web-service-unknown` when it is none. */
export function certProvAddress(certProvUrl: string | undefined): URL {
  const url = certProvUrl === undefined ? null : parse(certProvUrl);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw webServiceUnknown(certProvUrl);
  return url;
}

/** An address that a service's metadata names. Only TLS is followed: what goes there are credentials. Throws `web-service-error`. */
export function addressFromMetadata(text: string, from: URL): URL {
  const url = parse(text);
  if (url === null || url.protocol !== 'https:') throw webServiceError(from, `its metadata names ${JSON.stringify(text.slice(0, 200))}, which is no https address`);
  return url;
}

/** The address of something below a service, whether or not the service's own ends in a slash. */
export function below(url: URL, path: string): URL {
  const result = new URL(url);
  result.pathname = url.pathname.replace(/\/+$/, '') + path;
  return result;
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
