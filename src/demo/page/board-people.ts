import type { BoardForm } from './board-form.js';
import { button, el, field, input, select, tick } from './elements.js';
import { texts } from './texts.js';

const status = () => el('p', { class: 'status', role: 'status' });
const submit = () => el('button', { type: 'submit', class: 'primary' }, texts.board.apply);

/** Users with PIN and password: in a lab they are no secret. */
export const usersForm: BoardForm = (lab, apply) => lab.users.map((user) => {
  const outcome = status();
  const [pin, password] = [input(user.pin ?? '', { inputmode: 'numeric', size: 10 }), input(user.password, { size: 20 })];
  const [enabled, pinEnabled, pinLocked] = [tick(texts.board.user.enabled, user.enabled), tick(texts.board.user.pinEnabled, user.pinEnabled), tick(texts.board.user.pinLocked, user.pinLocked)];
  const { sipUri } = user;
  const number = [user.extension, user.number].filter((each) => each !== undefined).join(' \u00b7 ');
  return el('form', {
    class: 'block', 'data-user': sipUri, 'aria-label': user.displayName,
    onsubmit: (event) => {
      event.preventDefault();
      apply({ type: 'lab', action: 'user', sipUri, change: {
        ...(pin.value.trim() === (user.pin ?? '') ? {} : { pin: pin.value.trim() }), ...(password.value === user.password ? {} : { password: password.value }),
        enabled: enabled.box.checked, pinEnabled: pinEnabled.box.checked, pinLocked: pinLocked.box.checked,
      } }, outcome);
    },
  },
    el('h4', {}, user.displayName), el('p', { class: 'soft' }, [sipUri, user.account, number].filter((part) => part !== '').join(' \u00b7 ')),
    el('div', { class: 'pair' }, field(texts.board.user.pin, pin), field(texts.board.user.password, password)), enabled.row, pinEnabled.row, pinLocked.row,
    el('div', { class: 'buttons' }, submit(), button(texts.board.user.revoke, () => { apply({ type: 'lab', action: 'revoke-certificates', sipUri }, outcome); }), outcome));
});

/** What the values of a policy may be, where it is one of a few words. */
const words: Readonly<Record<string, readonly string[]>> = {
  UseWindowsAuth: ['Negotiate', 'NTLM', 'None'], SIPSecurityMode: ['High', 'Medium', 'Low'], LoggingLevel: ['Off', 'Low', 'Medium', 'High'],
};

/** The switches under the names administrators know; only those that were changed are sent. */
export const policyForm: BoardForm = ({ policy }, apply) => {
  const outcome = status();
  const controls = Object.entries(policy).map(([name, value]) => controlOf(name, value));
  return [el('form', {
    class: 'block policy', 'data-form': 'policy',
    onsubmit: (event) => {
      event.preventDefault();
      apply({ type: 'lab', action: 'policy', change: Object.fromEntries(controls.filter(({ name, read }) => JSON.stringify(read()) !== JSON.stringify(policy[name])).map(({ name, read }) => [name, read()])) }, outcome);
    },
  }, ...controls.map(({ row }) => row), el('div', { class: 'buttons' }, submit(), outcome))];
};

function controlOf(name: string, value: unknown): { name: string; row: HTMLElement; read: () => unknown } {
  if (typeof value === 'boolean') {
    const { box, row } = tick(name, value);
    return { name, row, read: () => box.checked };
  }
  if (name === 'ClientVersionPolicyRules') {
    const control = el('textarea', { rows: 2, spellcheck: 'false' });
    control.value = JSON.stringify(value);
    return { name, row: field(name, control, texts.board.asJson), read: () => parsed(control.value) };
  }
  if (Array.isArray(value)) {
    const control = input(value.map(String).join(', '));
    return { name, row: field(name, control), read: () => control.value.split(',').map((each) => each.trim()).filter((each) => each !== '') };
  }
  const few = words[name];
  if (few !== undefined) {
    const control = select(few.map((each) => ({ value: each, label: each })), String(value));
    return { name, row: field(name, control), read: () => control.value };
  }
  const control = input(typeof value === 'string' || typeof value === 'number' ? String(value) : '', { size: 12 });
  return { name, row: field(name, control), read: () => (control.value.trim() === '' ? null : typeof value === 'string' ? control.value : Number(control.value)) };
}

/** What is no JSON goes to the server as it is, which says what it expects. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What can be out of order. */
export const faultsForm: BoardForm = ({ faults, servers }, apply) => {
  const outcome = status();
  const down = Array.isArray(faults['registrarsUnavailable']) ? faults['registrarsUnavailable'].map(String) : [];
  const registrars = servers.filter(({ services }) => services.some(({ service }) => service === 'registrar')).map(({ fqdn }) => ({ fqdn, ...tick(texts.board.faults.registrarsUnavailable(fqdn), down.includes(fqdn)) }));
  const store = tick(texts.board.faults.clientCertificateStoreDown, faults['clientCertificateStoreDown'] === true);
  return [el('form', {
    class: 'block', 'data-form': 'faults',
    onsubmit: (event) => {
      event.preventDefault();
      apply({ type: 'lab', action: 'faults', change: { registrarsUnavailable: registrars.filter(({ box }) => box.checked).map(({ fqdn }) => fqdn), clientCertificateStoreDown: store.box.checked } }, outcome);
    },
  }, ...registrars.map(({ row }) => row), store.row, el('div', { class: 'buttons' }, submit(), outcome))];
};

const tlsVersions = Object.keys(texts.board.server.versions);

/** Each server with what it runs, the oldest TLS it takes, and its plug. */
export const serversForm: BoardForm = ({ servers }, apply) => servers.map(({ fqdn, address, running, minimumTls, services }) => {
  const outcome = status();
  const change = (of: Record<string, unknown>) => { apply({ type: 'lab', action: 'server', fqdn, change: of }, outcome); };
  const oldest = select([...new Set([...tlsVersions, minimumTls ?? ''])].filter((each) => each !== '').map((each) => ({ value: each, label: texts.board.server.versions[each] ?? each })), minimumTls ?? '');
  return el('form', { class: 'block', 'data-server': fqdn, 'aria-label': fqdn, onsubmit: (event) => { event.preventDefault(); change({ minimumTls: oldest.value }); } },
    el('h4', {}, fqdn, ' ', el('span', { class: running ? 'badge good' : 'badge bad' }, running ? texts.board.server.running : texts.board.server.stopped)),
    el('p', { class: 'soft' }, [address, ...services.map(({ service, port, certificate }) => `${service} ${port}${certificate === undefined ? '' : ` (${certificate})`}`)].join(' \u00b7 ')),
    minimumTls !== undefined && field(texts.board.server.minimumTls, oldest),
    el('div', { class: 'buttons' }, minimumTls !== undefined && submit(), button(running ? texts.board.server.pull : texts.board.server.push, () => { change({ running: !running }); },
      { 'aria-label': running ? texts.board.server.stop(fqdn) : texts.board.server.start(fqdn) }), outcome));
});
