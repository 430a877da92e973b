import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerCertificate } from '../../src/lab/certificate-authority.js';
import { freePort, startDaemon } from './debian-program.js';

const modules = ['tls', 'tm', 'sl', 'pv', 'xlog', 'textops', 'siputils', 'sanity', 'usrloc', 'registrar', 'auth'];

/**
 * Kamailio over TLS, which looks at every message before it serves it: version, start line, headers, CSeq, Content-Length, Expires, URIs, tags. A child that is told to end
 * while it starts goes on, and is waited for a minute, unless exit_timeout says otherwise.
 */
function configuration({ port, tcpPort, certificate, key }: { port: number; tcpPort: number; certificate: string; key: string }, serve: string): string {
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
exit_timeout=1
listen=tls:127.0.0.1:${port}
listen=tcp:127.0.0.1:${tcpPort}
${modules.map((module) => `loadmodule "${module}.so"`).join('\n')}
modparam("tls", "tls_method", "TLSv1+")
modparam("tls", "cipher_list", "ALL:@SECLEVEL=0")
modparam("tls", "certificate", "${certificate}")
modparam("tls", "private_key", "${key}")
modparam("usrloc", "db_mode", 0)
request_route {
  if (!sanity_check("17895", "7")) { xlog("L_ALERT", "insane: $rm $hdr(CSeq)\\n"); exit; }
  ${serve}
}
event_route[core:worker-one-init] { xlog("L_ALERT", "serving\\n"); }
`;
}

/** OpenSSL as it was: TLS 1.0 and certificates signed with SHA-1. Kamailio has no setting of its own for these. */
const oldTls = `openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
`;

/** Keeps every registration as it comes; what else comes is refused. */
export const openRegistrar = 'if (is_method("REGISTER")) save("location"); else sl_send_reply("405", "Method Not Allowed");';
/** The same behind a Digest challenge. */
export const digestRegistrar = `if (!pv_www_authenticate("$td", "secret", "0")) { www_challenge("$td", "0"); exit; }\n  ${openRegistrar}`;

/**
 * Kamailio at a free port of loopback.
 * @param kamailio its path
 * @param folder for its files
 * @param identity the certificate it shows
 * @param serve what it does with a request, in its own language
 */
export async function startKamailio(kamailio: string, folder: string, identity: ServerCertificate, serve: string): Promise<AsyncDisposable & { port: number }> {
  const [file, certificate, key, openssl] = ['kamailio.cfg', 'certificate.pem', 'key.pem', 'openssl.cnf'].map((name) => join(folder, name)) as [string, string, string, string];
  writeFileSync(certificate, identity.certificatePem);
  writeFileSync(key, identity.privateKeyPem, { mode: 0o600 });
  writeFileSync(openssl, oldTls);
  const [port, tcpPort] = [await freePort(), await freePort()];
  writeFileSync(file, configuration({ port, tcpPort, certificate, key }, serve));
  const daemon = await startDaemon('/usr/bin/env', [`OPENSSL_CONF=${openssl}`, kamailio, '-f', file, '-DD', '-E', '-Y', folder, '-m', '64', '-M', '8'], /serving/);
  return { port, [Symbol.asyncDispose]: () => daemon.stop() };
}
