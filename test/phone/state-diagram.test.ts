import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { stateDiagram } from '../../src/phone/state-diagram.js';

const page = new URL('../../ARCHITECTURE.md', import.meta.url);
const block = /(<!-- state-diagram -->\n)([\s\S]*?)(<!-- \/state-diagram -->)/;

describe('The state diagram', () => {
  it('in ARCHITECTURE.md is the one drawn from the machine (UPDATE=1 redraws it)', () => {
    const text = readFileSync(page, 'utf8');
    const drawn = `\`\`\`mermaid\n${stateDiagram()}\n\`\`\`\n`;
    if (process.env['UPDATE'] === '1') writeFileSync(page, text.replace(block, (_, open: string, _old: string, close: string) => open + drawn + close));
    else assert.equal(block.exec(text)?.[2], drawn);
  });

  it('speaks of events and guards in words', () => {
    const lines = stateDiagram().split('\n').map((line) => line.trim());
    for (const line of [
      '[*] --> off', 'off --> booting: POWER_ON', 'booting --> vlan: after boot', 'address --> time: done', 'time --> updateCheck: done / failed [asks for updates]', 'webTicket --> clientCertificate: done',
      'connecting --> registering: done [has certificate] or done [by account]', 'signingIn --> refused: failed [stops]', 'waitingForUser --> rootChain: [needs roots]',
      'retrying --> discovering: RETRY / SIGN_IN / after back off', 'note right of off : POWER_OFF leads to off from every state, leaseLost leads to vlan from every state but signingOut and retrying and refused',
    ]) assert.ok(lines.includes(line), line);
    assert.ok(!stateDiagram().includes('xstate'));
  });
});
