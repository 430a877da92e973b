import { verbatim, xml, type Markup } from '../../protocol/soap/markup.js';
import type { XmlElement } from '../../protocol/soap/xml.js';
import type { LabUser } from '../topology-schema.js';
import { Containers } from './containers.js';

const stateNamespace = 'http://schemas.microsoft.com/2006/09/sip/state';
const mostPublications = 200;

/** One published item of a user (MS-PRES 2.2.2): what it says stays as its publisher wrote it. */
interface Publication {
  category: string;
  instance: string;
  container: string;
  version: number;
  expireType: string;
  /** The epid of the endpoint it goes with; undefined when it stays. */
  endpoint: string | undefined;
  published: string;
  content: Markup;
}

/** A publication that named another version than the current one: 1-based position and current version. */
export interface Conflict {
  index: number;
  version: number;
}

/** What one user's presence consists of: the fixed cards from the directory, what endpoints published, and the state made of it. */
export class Presence {
  readonly containers = new Containers();
  readonly #publications = new Map<string, Publication>();
  readonly #user: LabUser;
  readonly #now: () => number;

  constructor(user: LabUser, now: () => number) {
    this.#user = user;
    this.#now = now;
    const content = user.lineUri === undefined ? xml`<lines/>` : xml`<lines><line lineType="Uc">${user.lineUri}</line></lines>`;
    this.#set('userProperties', '0', '1', 'static', undefined, xml`<userProperties xmlns="http://schemas.microsoft.com/2006/09/sip/categories">${content}</userProperties>`);
    this.#set('contactCard', '0', '0', 'static', undefined,
      xml`<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><identity><name><displayName>${user.displayName}</displayName></name></identity></contactCard>`);
    this.#aggregate(18500);
  }

  /**
   * Takes the `publication` elements of a SERVICE request, all or none: each must name the version it replaces (0 at first), and
   * `expires="0"` withdraws.
   */
  publish(publications: readonly XmlElement[], epid: string): Conflict[] {
    const conflicts = publications.flatMap((publication, index): Conflict[] => {
      const version = this.#publications.get(keyOf(publication))?.version ?? 0;
      return Number(publication.attribute('version') ?? 0) === version ? [] : [{ index: index + 1, version }];
    });
    if (conflicts.length > 0) return conflicts;
    for (const publication of publications) {
      const [category, instance, container] = keyOf(publication).split(' ') as [string, string, string];
      if (publication.attribute('expires') === '0') this.#publications.delete(keyOf(publication));
      else if (this.#publications.size < mostPublications) {
        const expireType = publication.attribute('expireType') ?? 'static';
        const content = verbatim(publication.elements().map((element) => element.raw).join(''));
        this.#set(category, instance, container, expireType, expireType === 'endpoint' ? epid : undefined, content);
      }
    }
    this.#aggregate(this.#availability());
    return [];
  }

  /** Sets the state that others see, as a client elsewhere would. */
  setAvailability(availability: number): void {
    this.#aggregate(availability);
  }

  /** Forgets what went with an endpoint that is gone. */
  endpointGone(epid: string): void {
    for (const [key, publication] of this.#publications) if (publication.endpoint === epid) this.#publications.delete(key);
    this.#aggregate(this.#availability());
  }

  /** Body of a roaming-self notification: everything, with versions (MS-PRES 4.4.1). */
  roamingSelf(): string {
    return xml`<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">${this.#categories(() => true)}${this.containers.markup()}<subscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers"/></roamingData>`.text;
  }

  /** Body of a presence notification to somebody else: who it is and the aggregate state. */
  categories(): string {
    return this.#categories(({ category, instance }) => category === 'contactCard' || (category === 'state' && instance === '1')).text;
  }

  #categories(which: (publication: Publication) => boolean): Markup {
    const items = [...this.#publications.values()].filter(which).map((item) => xml`<category name="${item.category}" instance="${item.instance}" publishTime="${item.published}" container="${item.container}" version="${item.version}" expireType="${item.expireType}">${item.content}</category>`);
    return xml`<categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="${this.#user.sipUri}">${items}</categories>`;
  }

  #set(category: string, instance: string, container: string, expireType: string, endpoint: string | undefined, content: Markup): void {
    const key = `${category} ${instance} ${container}`;
    const version = (this.#publications.get(key)?.version ?? 0) + 1;
    this.#publications.set(key, { category, instance, container, version, expireType, endpoint, published: new Date(this.#now()).toISOString(), content });
  }

  #aggregate(availability: number): void {
    const content = xml`<state xmlns="${stateNamespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="aggregateState"><availability>${availability}</availability></state>`;
    if (this.#publications.get('state 1 2')?.content.text !== content.text) this.#set('state', '1', '2', 'user', undefined, content);
  }

  /**
   * Offline without a device; else what was set by hand or by a call, else the most available device. How Lync aggregates is
   * simplified here.
   */
  #availability(): number {
    const states = [...this.#publications.values()].flatMap(({ category, instance, content }) => {
      const value = /<availability>\s*(\d{1,6})\s*<\/availability>/.exec(content.text)?.[1];
      return category !== 'state' || instance === '1' || value === undefined ? [] : [{ value: Number(value), device: content.text.includes('machineState') }];
    });
    const devices = states.filter((state) => state.device);
    if (devices.length === 0) return 18500;
    const others = states.filter((state) => !state.device);
    return Math.min(...(others.length > 0 ? others : devices).map((state) => state.value));
  }
}

function keyOf(publication: XmlElement): string {
  return ['categoryName', 'instance', 'container'].map((name) => (publication.attribute(name) ?? '0').replace(/\s/g, '')).join(' ');
}
