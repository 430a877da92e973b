/** One or more certificates in DER as PEM (RFC 7468). */
export function certificatesPem(...certificates: readonly Buffer[]): string {
  return certificates.map((der) =>
    `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`).join('');
}
