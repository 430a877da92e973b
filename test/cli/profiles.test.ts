import assert from 'node:assert/strict';
import { lpe, WorkFolder } from './command-line.js';

describe('lpe profiles', () => {
  let folder: WorkFolder;
  before(() => { folder = new WorkFolder(); });
  after(() => { folder.remove(); });

  it('lists the builds under a header line, in columns, folded where the terminal ends', async () => {
    for (const width of [80, 120]) {
      const { status, out } = await lpe(['profiles'], { width });
      assert.equal(status, 0);
      const lines = out.trimEnd().split('\n');
      const column = lines[0]?.indexOf('description') ?? 0;
      assert.match(lines[0] ?? '', /^build +name +released +description$/);
      assert.equal(lines.filter((line) => /^\S/.test(line)).length, 25);
      for (const line of lines) {
        assert.ok(line.length <= width, line);
        assert.match(line.slice(column - 2), /^ {2}\S/);
      }
    }
  });

  it('tells one build in full, every value with its confidence', async () => {
    const { status, out } = await lpe(['profiles', '4.0.7577.107']);
    assert.equal(status, 0);
    assert.match(out, /^4\.0\.7577\.107 {2}CU1 \(phone\)$/m);
    assert.match(out, /^certificate\.wildcardSan\.sip: none\n {4}observed, schertz-2011-02$/m);
  });

  it('lists and tells as JSON', async () => {
    const list = JSON.parse((await lpe(['profiles', '--json'])).out) as { schema: number; builds: { build: string }[] };
    assert.deepEqual([list.schema, list.builds.length, list.builds[0]?.build], [1, 24, '1.0.522.101']);
    const one = JSON.parse((await lpe(['profiles', '4.0.7577.107', '--json'])).out) as { schema: number; profile: { build: string } };
    assert.deepEqual([one.schema, one.profile.build], [1, '4.0.7577.107']);
  });

  it('names the known builds when asked for another', async () => {
    const { status, err } = await lpe(['profiles', '4.0.7577.1']);
    assert.equal(status, 2);
    assert.match(err, /^lpe: There is no firmware profile for the build "4\.0\.7577\.1"; known are 1\.0\.522\.101, 3\.5\.6907\.187, .* \[profile\/unknown-build\]\n/);
  });

  it('refuses a folder that is not there and a profile that is wrong', async () => {
    const missing = await lpe(['profiles', '--profiles', folder.file('none')]);
    assert.deepEqual([missing.status, missing.err], [2, `lpe: The profile folder ${folder.file('none')} cannot be read: there is no such file or folder. [profile/unreadable-folder]\nlpe profiles lists the builds that are known; firmware-profiles/profile.schema.json lets an editor check a file.\n`]);
    folder.write('1.2.3.4.yaml', 'build: 1.2.3.4\ncolour: blue\n');
    const wrong = await lpe(['profiles', '--profiles', folder.path]);
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /1\.2\.3\.4\.yaml is wrong at .*colour.* \[profile\/invalid\]\n/);
  });
});
