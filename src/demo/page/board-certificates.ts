import type { LabView } from '../messages.js';
import type { BoardForm } from './board-form.js';
import { el, field, input, select, tick } from './elements.js';
import { chainDrawing } from './message-detail.js';
import { texts } from './texts.js';

const hashes = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/** Each certificate with its chain drawn, and the form to issue it anew. */
export const certificatesForm: BoardForm = (lab, apply) => lab.certificates.map((certificate) => {
  const { name, spec, chain, usedBy } = certificate;
  const commonName = input(text(spec['commonName']));
  const names = el('textarea', { rows: 4, spellcheck: 'false', autocomplete: 'off' });
  names.value = Array.isArray(spec['subjectAlternativeNames']) ? spec['subjectAlternativeNames'].map(String).join('\n') : '';
  const issuer = select(lab.authorities.map((authority) => ({ value: authority.name, label: `${authority.commonName} (${authority.name})` })), text(spec['issuer']));
  const hash = select(hashes.map((value) => ({ value, label: value })), text(spec['hash']));
  const keyBits = input(text(spec['keyBits']), { inputmode: 'numeric', size: 6 });
  const notAfter = input(text(spec['notAfter']).slice(0, 10), { type: 'date' });
  const chainSent = tick(texts.board.certificate.sendChain, spec['sendChain'] !== false);
  const status = el('p', { class: 'status', role: 'status' });
  const form = el('form', {
    'data-certificate': name,
    onsubmit: (event) => {
      event.preventDefault();
      apply({ type: 'lab', action: 'certificate', name, change: {
        ...(commonName.value.trim() === '' && text(spec['commonName']) === '' ? {} : { commonName: commonName.value.trim() }),
        subjectAlternativeNames: names.value.split('\n').map((line) => line.trim()).filter((line) => line !== ''), issuer: issuer.value, hash: hash.value, keyBits: Number(keyBits.value), sendChain: chainSent.box.checked,
        ...(notAfter.value === '' ? {} : { notAfter: `${notAfter.value}T00:00:00Z` }),
      } }, status);
    },
  },
    field(texts.board.certificate.commonName, commonName), field(texts.board.certificate.names, names, texts.board.certificate.namesNote), field(texts.board.certificate.issuer, issuer),
    el('div', { class: 'pair' }, field(texts.board.certificate.hash, hash), field(texts.board.certificate.keyBits, keyBits)), field(texts.board.certificate.notAfter, notAfter, texts.board.certificate.notAfterNote), chainSent.row,
    el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary' }, texts.board.certificate.reissue), status));
  return el('section', { class: 'block certificate', 'aria-label': name }, el('h4', {}, name), el('p', { class: 'soft' }, usage(usedBy)), form,
    el('div', { role: 'group', 'aria-label': texts.board.certificate.chainOf(name) }, chainDrawing(chain, {})));
});

const usage = (usedBy: LabView['certificates'][number]['usedBy']) => `${texts.board.certificate.usedBy} ${usedBy.join(', ') || texts.board.certificate.nobody}`;

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
