/** What a phone's display can show during sign-in. A profile gives each its lines; the phone's states name them. */
export const screenIds = [
  'starting', 'acquiring-ip-address', 'sign-in', 'locating-certificate-server', 'connecting-to-lync-server', 'home',
  'web-service-not-found', 'chain-download-error', 'registrar-not-contacted', 'cannot-connect-retrying', 'certificate-problem',
  'pin-incorrect', 'account-not-found',
  'exchange-unavailable', 'exchange-credentials', 'calling', 'incoming-call', 'in-call', 'locked',
] as const;
export type ScreenId = (typeof screenIds)[number];
