import type { LabView } from '../messages.js';
import type { BoardForm } from './board-form.js';
import { button, el, field, input, select, tick } from './elements.js';
import { texts } from './texts.js';

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a form ends with: its button and what came of it. */
function end(label = texts.board.apply): { row: HTMLElement; status: HTMLElement } {
  const status = el('p', { class: 'status', role: 'status' });
  return { status, row: el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary' }, label), status) };
}

/** The records as a table to write in; they are applied all at once. */
export const dnsForm: BoardForm = (lab, apply) => {
  const { row, status } = end();
  const lines: { tr: HTMLElement; read: () => Record<string, unknown> }[] = [];
  const body = el('tbody');
  const add = (record: LabView['dns'][number]) => {
    const of = (label: string, value: unknown, size: number) => input(text(value), { 'aria-label': label, size });
    const [name, type] = [of(texts.board.dns.name, record['name'], 30), select(['A', 'SRV'].map((value) => ({ value, label: value })), text(record['type']) || 'A')];
    type.setAttribute('aria-label', texts.board.dns.type);
    const target = of(texts.board.dns.target, record['type'] === 'SRV' ? record['target'] : record['address'], 22);
    const [port, priority, weight] = [of(texts.board.dns.port, record['port'], 5), of(texts.board.dns.priority, record['priority'], 3), of(texts.board.dns.weight, record['weight'], 3)];
    const showPorts = () => { for (const control of [port, priority, weight]) control.disabled = type.value === 'A'; };
    type.addEventListener('change', showPorts);
    showPorts();
    const remove = button('\u00d7', () => { tr.remove(); lines.splice(lines.indexOf(line), 1); }, { class: 'close', 'aria-label': texts.board.dns.remove(text(record['name'])) });
    const tr = el('tr', {}, ...[name, type, target, port, priority, weight].map((control) => el('td', { 'data-label': control.getAttribute('aria-label') ?? undefined }, control)), el('td', {}, remove));
    const line = { tr, read: () => (type.value === 'A' ? { name: name.value.trim(), type: 'A', address: target.value.trim() }
      : { name: name.value.trim(), type: 'SRV', target: target.value.trim(), port: Number(port.value), priority: Number(priority.value || 0), weight: Number(weight.value || 0) }) };
    lines.push(line);
    body.append(tr);
    return name;
  };
  for (const record of lab.dns) add(record);
  const { dns } = texts.board;
  return [el('form', { class: 'block', 'data-form': 'dns', onsubmit: (event) => { event.preventDefault(); apply({ type: 'lab', action: 'dns', records: lines.map(({ read }) => read()) }, status); } },
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': dns.table }, el('table', {},
      el('thead', {}, el('tr', {}, ...[dns.name, dns.type, dns.target, dns.port, dns.priority, dns.weight].map((label) => el('th', { scope: 'col' }, label)), el('td'))), body)),
    button(`+ ${dns.add}`, () => { add({ type: 'A' }).focus(); }, { class: 'quiet' }), row)];
};

/** Options 15, 43 and 120, as phones are told them. */
export const dhcpForm: BoardForm = ({ dhcp }, apply) => {
  const { row, status } = end();
  const told = isRecord(dhcp['option43']) ? dhcp['option43'] : undefined;
  const [domainName, registrar, vlan] = [input(text(dhcp['domainName'])), input(text(dhcp['option120'])), input(text(dhcp['vlan']), { inputmode: 'numeric', size: 6 })];
  const option43 = tick(texts.board.dhcp.option43, told !== undefined);
  const web = { webServerFqdn: input(text(told?.['webServerFqdn'])), urlScheme: select(['https', 'http'].map((value) => ({ value, label: value })), text(told?.['urlScheme']) || 'https'), webServerPort: input(told === undefined ? '443' : text(told['webServerPort']), { inputmode: 'numeric', size: 6 }), certProvRelPath: input(text(told?.['certProvRelPath']) || '/CertProv/CertProvisioningService.svc') };
  const group = el('fieldset', {}, el('legend', {}, option43.row), field(texts.board.dhcp.webServerFqdn, web.webServerFqdn),
    el('div', { class: 'pair' }, field(texts.board.dhcp.urlScheme, web.urlScheme), field(texts.board.dhcp.webServerPort, web.webServerPort)), field(texts.board.dhcp.certProvRelPath, web.certProvRelPath));
  const enable = () => { for (const control of Object.values(web)) control.disabled = !option43.box.checked; };
  option43.box.addEventListener('change', enable);
  enable();
  return [el('form', {
    class: 'block', 'data-form': 'dhcp',
    onsubmit: (event) => {
      event.preventDefault();
      apply({ type: 'lab', action: 'dhcp', change: {
        domainName: domainName.value.trim(), option120: registrar.value.trim() || null,
        option43: option43.box.checked ? { webServerFqdn: web.webServerFqdn.value.trim(), urlScheme: web.urlScheme.value, webServerPort: web.webServerPort.value.trim() === '' ? null : Number(web.webServerPort.value), certProvRelPath: web.certProvRelPath.value.trim() } : null,
        ...(vlan.value.trim() === '' ? {} : { vlan: Number(vlan.value) }),
      } }, status);
    },
  }, field(texts.board.dhcp.domainName, domainName), field(texts.board.dhcp.option120, registrar, texts.board.dhcp.option120Note), group, field(texts.board.dhcp.vlan, vlan, texts.board.dhcp.vlanNote), row)];
};

/** Which build the update service has approved for which model. */
export const updatesForm: BoardForm = ({ updates }, apply) => {
  const { row, status } = end();
  const rules = Array.isArray(updates['rules']) ? updates['rules'].filter(isRecord) : [];
  const lines: { model: HTMLInputElement; approved: HTMLInputElement; pending: HTMLInputElement }[] = [];
  const body = el('div');
  const add = (rule: Record<string, unknown>) => {
    const line = { model: input(text(rule['model']), { size: 8 }), approved: input(text(rule['approvedVersion']), { size: 16 }), pending: input(text(rule['pendingVersion']), { size: 16 }) };
    lines.push(line);
    body.append(el('div', { class: 'triple' }, field(texts.board.updates.model, line.model), field(texts.board.updates.approved, line.approved), field(texts.board.updates.pending, line.pending)));
  };
  for (const rule of rules.length > 0 ? rules : [{ model: 'CX600' }]) add(rule);
  const store = select(['http', 'https'].map((value) => ({ value, label: value })), text(updates['store']) || 'http');
  const devices = el('textarea', { rows: 2, spellcheck: 'false' });
  devices.value = Array.isArray(updates['testDevices']) ? updates['testDevices'].map(String).join('\n') : '';
  return [el('form', {
    class: 'block', 'data-form': 'updates',
    onsubmit: (event) => {
      event.preventDefault();
      const version = (key: string, control: HTMLInputElement) => (control.value.trim() === '' ? {} : { [key]: control.value.trim() });
      apply({ type: 'lab', action: 'updates', change: {
        rules: lines.filter(({ model }) => model.value.trim() !== '').map(({ model, approved, pending }) => ({ model: model.value.trim(), ...version('approvedVersion', approved), ...version('pendingVersion', pending) })),
        testDevices: devices.value.split('\n').map((line) => line.trim()).filter((line) => line !== ''), store: store.value,
      } }, status);
    },
  }, body, button(`+ ${texts.board.updates.add}`, () => { add({}); }, { class: 'quiet' }), field(texts.board.updates.store, store), field(texts.board.updates.testDevices, devices), row)];
};
