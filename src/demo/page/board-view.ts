import type { LabAction } from '../messages.js';
import { certificatesForm } from './board-certificates.js';
import type { BoardForm } from './board-form.js';
import { dhcpForm, dnsForm, updatesForm } from './board-network.js';
import { faultsForm, policyForm, serversForm, usersForm } from './board-people.js';
import { button, el, set, setText } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

/** Does something at the lab; rejects with the lab's own sentence. */
export type Act = (action: LabAction) => Promise<unknown>;

type Section = keyof typeof texts.board.sections;

const forms: Readonly<Record<Section, BoardForm>> = {
  certificates: certificatesForm, dns: dnsForm, dhcp: dhcpForm, users: usersForm, policy: policyForm, updates: updatesForm, faults: faultsForm, servers: serversForm,
};
const sections = Object.keys(forms) as Section[];

/** The servers: what is set there, and what can be changed. A form is drawn anew when what it shows is another, never under the hands of who types. */
export function boardView(model: Model, act: Act): HTMLElement {
  let section: Section = 'certificates';
  const past = el('p', { class: 'past', role: 'status' });
  /** The form may have been drawn anew by the time something is done; this stays. */
  const notice = el('p', { class: 'status good', role: 'status' });
  const content = el('div', { class: 'board-content' });
  const entries = sections.map((each) => ({ each, entry: button(texts.board.sections[each], () => { section = each; draw(); }) }));
  const view = el('div', { class: 'board' }, el('nav', { 'aria-label': texts.board.label }, ...entries.map(({ entry }) => entry)), el('div', { class: 'board-main' }, past, notice, content));

  const apply = (action: LabAction, status: HTMLElement) => {
    set(status, 'class', 'status');
    setText(status, '...');
    act(action).then(
      () => { settle(section, action.action === 'revoke-certificates' ? texts.board.user.revoked : texts.board.applied, 'status good'); },
      (error: unknown) => { set(status, 'class', 'status bad'); setText(status, error instanceof Error ? error.message : String(error)); },
    );
  };
  const settle = (of: Section, text: string, tone: string) => {
    if (of !== section) return;
    set(notice, 'class', tone);
    setText(notice, text);
    for (const status of content.querySelectorAll('.status')) if (status.textContent === '...') status.textContent = '';
  };
  const draw = () => {
    for (const { each, entry } of entries) set(entry, 'aria-current', each === section ? 'true' : undefined);
    setText(past, model.point === undefined ? '' : texts.board.past);
    const lab = model.labView;
    if (lab === undefined) return;
    const wanted = JSON.stringify([section, lab, model.session]);
    if (content.dataset['of'] !== wanted) {
      const [before, stayed] = [content.scrollTop, content.dataset['section'] === section];
      content.dataset['of'] = wanted;
      content.dataset['section'] = section;
      if (!stayed) setText(notice, '');
      content.replaceChildren(el('h3', {}, texts.board.sections[section]), ...forms[section](lab, apply));
      content.scrollTop = stayed ? before : 0;
    }
    content.inert = model.point !== undefined;
  };
  model.watch(['hello', 'lab', 'point'], draw);
  return view;
}
