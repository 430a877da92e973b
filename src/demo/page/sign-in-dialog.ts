import type { LabView, PageMessageInput } from '../messages.js';
import { button, el, field, input, select } from './elements.js';
import { texts } from './texts.js';

type Credentials = Extract<PageMessageInput, { type: 'signIn' }>['credentials'];

/**
 * AD credentials: in the PC's own dialog for a phone on its USB cable, or typed on the phone. Those of a user of the lab can be chosen; they
 * can be changed into wrong ones as well.
 */
export function signInDialog(method: 'tethered' | 'typed', lab: LabView | undefined, signIn: (credentials: Credentials) => void): HTMLDialogElement {
  const users = lab?.users ?? [];
  const [sipUri, domain, user, password] = [input(''), input(''), input(''), input('')];
  const who = select([...users.map(({ displayName }, at) => ({ value: String(at), label: displayName })), { value: '', label: texts.pc.other }], users.length === 0 ? '' : '0');
  const fill = () => {
    const chosen = users[Number(who.value)];
    const [area = '', name = ''] = who.value === '' ? [] : chosen?.account.split('\\') ?? [];
    sipUri.value = who.value === '' ? '' : (chosen?.sipUri ?? '').replace(/^sip:/, '');
    domain.value = area;
    user.value = name;
    password.value = who.value === '' ? '' : chosen?.password ?? '';
  };
  who.addEventListener('change', fill);
  fill();
  const dialog = el('dialog', { class: 'pc', 'aria-labelledby': 'pc-title' });
  const form = el('form', {
    method: 'dialog',
    onsubmit: () => {
      const address = sipUri.value.trim();
      signIn({ method, sipUri: /^sip:/.test(address) ? address : `sip:${address}`, domain: domain.value.trim(), user: user.value.trim(), password: password.value });
    },
  },
    el('h2', { id: 'pc-title' }, method === 'tethered' ? texts.pc.title : texts.pc.typedTitle), method === 'tethered' && el('p', {}, texts.pc.text),
    field(texts.pc.who, who), field(texts.pc.sipUri, sipUri), field(texts.pc.domain, domain), field(texts.pc.user, user), field(texts.pc.password, password),
    el('div', { class: 'buttons' }, button(texts.pc.cancel, () => { dialog.close(); }), el('button', { type: 'submit', class: 'primary' }, texts.pc.signIn)));
  dialog.append(form);
  dialog.addEventListener('close', () => { dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
