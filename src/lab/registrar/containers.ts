import { xml, type Markup } from '../../protocol/soap/markup.js';
import { parseXml } from '../../protocol/soap/xml.js';

/** Content type of a SERVICE that says who is in which container (MS-PRES 2.2.2.3). */
export const setContainerMembersType = 'application/msrtc-setcontainermembers+xml';

const namespace = 'http://schemas.microsoft.com/2006/09/sip/containers';
const mostContainers = 100;
const mostMembers = 500;

interface Container {
  version: number;
  /** `user sip:bob@contoso.lab`, `sameEnterprise `. */
  members: Set<string>;
}

/** Who of the others sees what a user publishes into which container (MS-PRES 3.3). Kept and told to the user; who sees what is not decided by it here. */
export class Containers {
  readonly #containers = new Map<string, Container>();

  /**
   * Takes a `setContainerMembers` document, all of it or nothing: each container must name its current version, 0 at first. Gives the 1-based
   * positions and versions of those that do not. Throws a `Failure` `xml/...`.
   */
  set(document: Buffer): { index: number; version: number }[] {
    const changes = parseXml(document).elements('container').slice(0, mostContainers);
    const conflicts = changes.flatMap((change, index) => {
      const version = this.#containers.get(change.attribute('id') ?? '')?.version ?? 0;
      return Number(change.attribute('version') ?? 0) === version ? [] : [{ index: index + 1, version }];
    });
    if (conflicts.length > 0) return conflicts;
    for (const change of changes) {
      const id = (change.attribute('id') ?? '').slice(0, 20);
      const { version, members } = this.#containers.get(id) ?? { version: 0, members: new Set<string>() };
      for (const member of change.elements('member')) {
        const key = `${member.attribute('type') ?? ''} ${member.attribute('value') ?? ''}`.slice(0, 500);
        if (member.attribute('action') === 'remove') members.delete(key);
        else if (members.size < mostMembers) members.add(key);
      }
      if (this.#containers.has(id) || this.#containers.size < mostContainers) this.#containers.set(id, { version: version + 1, members });
    }
    return [];
  }

  /** The `containers` of a roaming-self document. */
  markup(): Markup {
    const each = [...this.#containers].map(([id, { version, members }]) => xml`<container id="${id}" version="${version}">${[...members].map(memberMarkup)}</container>`);
    return xml`<containers xmlns="${namespace}">${each}</containers>`;
  }
}

function memberMarkup(member: string): Markup {
  const [type = '', value = ''] = member.split(' ', 2);
  return value === '' ? xml`<member type="${type}"/>` : xml`<member type="${type}" value="${value}"/>`;
}
