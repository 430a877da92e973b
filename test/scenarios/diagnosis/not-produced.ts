/** Every rule is brought about end to end, but not by each of the causes that its page names: these a test cannot make. */
export const notProduced: readonly { rule: string; cause: string; why: string }[] = [
  { rule: 'LPE021', cause: 'Office 365 itself, multi-factor authentication, common-area sign-in', why: 'There is no such server here: a lab that bears its names refuses the PIN.' },
  { rule: 'LPE022', cause: 'A cable that is not in, or in the jack for the PC', why: 'There is no cable here. To the phone it is a network on which nobody answers DHCP.' },
  { rule: 'LPE025', cause: 'A key in a key storage provider (CNG)', why: 'It breaks the server on Windows, not the certificate: a phone would see a handshake that fails.' },
  { rule: 'LPE055', cause: 'A relay that does not pass DHCPINFORM on', why: 'There is no relay here. To the phone it is a server that does not answer.' },
  { rule: 'LPE060', cause: 'The idle timeout of a load balancer', why: 'There is none here. To the phone it is a server that closes.' },
  { rule: 'LPE061', cause: 'Two pools that disagree after a move', why: 'The pools of a lab share what they know: one that sends the phone on to itself stands in.' },
];
