import type { UserStore } from './deployment.js';
import type { LabUser } from './topology-schema.js';

/** The users of a topology, found as the services look for them. */
export class LabUsers implements UserStore {
  #users: readonly LabUser[];

  constructor(users: readonly LabUser[]) {
    this.#users = users;
  }

  /** From the next look-up on, these are the users. */
  replace(users: readonly LabUser[]): void {
    this.#users = users;
  }

  bySipUri(sipUri: string): LabUser | undefined {
    return this.#users.find((user) => same(user.sipUri, sipUri));
  }

  byAccount(domain: string, name: string): LabUser | undefined {
    return this.#users.find((user) => {
      const [ownDomain = '', ownName = ''] = user.account.split('\\');
      return same(ownName, name) && (domain === '' || same(ownDomain, domain));
    });
  }

  byPhoneOrExtension(digits: string): readonly LabUser[] {
    return this.#users.filter((user) => user.lineUri !== undefined && numbersOf(user.lineUri).includes(digits));
  }
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The digits of the number and the extension of `tel:+1-555-0100;ext=100`, in this order, as far as they are there. */
export function numbersOf(lineUri: string): string[] {
  const [number = '', ...parameters] = lineUri.replace(/^tel:/, '').split(';');
  const extension = parameters.find((parameter) => parameter.startsWith('ext='))?.slice('ext='.length);
  return [number.replace(/\D/g, ''), extension ?? ''].filter((digits) => digits !== '');
}
