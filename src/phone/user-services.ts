import type { LocationProfile } from '../protocol/locationprofile/description.js';
import type { MediaRelay } from '../protocol/mediarelay/credentials.js';
import type { Contact } from '../protocol/presence/contact-list.js';

/** What a signed-in phone gets of its registrar in the background, in the order it asks; none of it is needed to be signed in (the order is assumed). */
export const userServices = ['contacts', 'presence', 'mediaRelay', 'locationProfile'] as const;
/** The id of one of them. */
export type UserService = (typeof userServices)[number];

/** What the phone keeps of it. The media relay's password is not among it. */
export interface UserData {
  contacts: readonly Contact[];
  /** Availability that the registrar took as published. */
  presence: number;
  mediaRelay: readonly MediaRelay[];
  locationProfile: LocationProfile;
}

/** What came of asking for one; without `data` it was not obtained, and the sentence says why. */
export type UserServiceResult = { [Service in UserService]: { service: Service; sentence: string; data?: UserData[Service] } }[UserService];

/** By service; what is missing is not known yet. */
export type UserServiceResults = Readonly<Partial<Record<UserService, UserServiceResult>>>;

const names: Readonly<Record<UserService, string>> = {
  contacts: 'Contact list', presence: 'Presence', mediaRelay: 'Media relay', locationProfile: 'Location profile',
};

/** What the trace says of it. */
export function userServiceSentence({ service, sentence, data }: UserServiceResult): string {
  return `${names[service]}${data === undefined ? ' not obtained' : ''}: ${sentence}`;
}
