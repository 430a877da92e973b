import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { voiceVlanFrame } from '../../src/lab/switch-port.js';
import { programOrSkip } from './debian-program.js';

/** A pcap file of one Ethernet frame. */
function pcapOf(frame: Buffer): Buffer {
  const [header, record] = [Buffer.alloc(24), Buffer.alloc(16)];
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  record.writeUInt32LE(frame.length, 8);
  record.writeUInt32LE(frame.length, 12);
  return Buffer.concat([header, record, frame]);
}

describe('tshark reads the LLDP frame of the lab\'s switch', () => {
  it('with the voice VLAN, its priority and DSCP, and nothing malformed', function () {
    const tshark = programOrSkip(this, 'tshark', 'tshark');
    const folder = mkdtempSync(join(tmpdir(), 'lpe-lldp-'));
    const file = join(folder, 'switch.pcap');
    writeFileSync(file, pcapOf(voiceVlanFrame(100)));
    const fields = ['eth.dst', 'lldp.tlv.system.name', 'lldp.media.app_type', 'lldp.media.tag_flag', 'lldp.media.vlan_id', 'lldp.media.l2_prio', 'lldp.media.dscp', '_ws.malformed', '_ws.expert.message'];
    const { status, stdout, stderr } = spawnSync(tshark, ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.replace(/\n$/, '').replace('True', '1').split('\t'), ['01:80:c2:00:00:0e', 'lab-switch', '1', '1', '100', '5', '46', '', '']);
  });
});
