import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';

/** npm packs what was built and unpacks it; the dependencies are those that are installed here, so that nothing is fetched. */
describe('The package, unpacked in a folder with a space in its name', () => {
  let folder: string;
  let installed: string;
  before(function () {
    this.timeout(240_000);
    folder = mkdtempSync(join(tmpdir(), 'lpe package '));
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' });
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive], { cwd: folder });
    installed = join(folder, 'node_modules', 'lync-phone-emulator');
    cpSync(join(folder, 'package'), installed, { recursive: true });
    for (const name of readdirSync('node_modules')) {
      if (!name.startsWith('.')) symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name), 'junction');
    }
  });
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const lpe = (...args: string[]) => node(join(installed, 'dist', 'cli', 'lpe.js'), ...args);

  it('runs its command', () => {
    assert.match(lpe('--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal(lpe('--help').status, 0);
  });

  it('brings its profiles, and checks a certificate whose path has spaces', () => {
    const file = join(folder, 'front end.pem');
    cpSync(join(installed, 'examples', 'certificates', 'front-end-wildcard.pem'), file);
    const { status, stdout, stderr } = lpe('check', file, '--host', 'sip.mslync.net', '--firmware', '4.0.7577.107');
    assert.deepEqual([status, stderr], [1, '']);
    assert.match(stdout, /REFUSES/);
  });

  it('brings its plans and topologies: a rehearsal', () => {
    const { status, stdout, stderr } = lpe('rehearse', join(installed, 'examples', 'plans', 'first-rollout.yaml'), '--html', join(folder, 'a report.html'));
    assert.equal(status, 0, stderr + stdout);
    assert.match(stdout, /3 signed in, 0 failed/);
  }).timeout(60_000);

  describe('in the pipeline of the guide', () => {
    const guide = readFileSync('docs/rehearse-a-rollout.md', 'utf8');
    const block = (start: RegExp) => guide.match(new RegExp(`^\`\`\`yaml${start.source}([^]*?)^\`\`\`$`, 'm'))?.[1] ?? '';
    const { jobs } = parse(block(/\n(?=# GitHub Actions)/)) as { jobs: { phones: { steps: { run?: string; if?: string }[] } } };
    let checkout: string;
    before(() => {
      checkout = join(folder, 'checkout');
      mkdirSync(join(folder, 'bin'));
      symlinkSync(join(installed, 'dist', 'cli', 'lpe.js'), join(folder, 'bin', 'lpe'));
      chmodSync(join(installed, 'dist', 'cli', 'lpe.js'), 0o755);
      mkdirSync(checkout);
      cpSync(join(installed, 'examples'), join(checkout, 'examples'), { recursive: true });
      writeFileSync(join(checkout, 'plan.yaml'), block(/ plan\.yaml\n/));
      assert.equal(step('lpe rehearse plan.yaml --json before.json').status, 0);
    });

    /** As GitHub's runner does a `run` of a Linux runner: bash -e. */
    const step = (line: string) => spawnSync('bash', ['-e', '-c', line], {
      cwd: checkout, encoding: 'utf8', env: { ...process.env, PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter), GITHUB_STEP_SUMMARY: join(checkout, 'step-summary'), LPE_PIN: '' },
    });

    /** The steps one after another; once one has failed, only those that run always. */
    function runAll(): (number | null)[] {
      rmSync(join(checkout, 'step-summary'), { force: true });
      let failed = false;
      return jobs.phones.steps.flatMap(({ run, if: condition }) => {
        if (run === undefined || (failed && condition !== 'always()')) return [];
        const { status, stderr } = step(run);
        assert.equal(stderr, '', run);
        failed ||= status !== 0;
        return [status];
      });
    }

    it('passes while phones sign in as they did, and leaves its reports', () => {
      assert.deepEqual(runAll(), [0, 0]);
      assert.deepEqual(readdirSync(join(checkout, 'reports')).sort(), ['junit.xml', 'now.json', 'report.html', 'summary.md']);
      assert.match(readFileSync(join(checkout, 'step-summary'), 'utf8'), /^## Two builds, two ways to sign in\n[^]*\| CX600 4\.0\.7577\.107, PIN \| .* signed in \|$/m);
    }).timeout(60_000);

    it('fails on the night after a change that breaks a build, and still tells what', () => {
      const plan = readFileSync(join(checkout, 'plan.yaml'), 'utf8');
      writeFileSync(join(checkout, 'plan.yaml'), plan.replace('topologies/contoso.yaml', 'topologies/wildcard.yaml'));
      assert.deepEqual(runAll(), [1, 0]);
      assert.match(readFileSync(join(checkout, 'step-summary'), 'utf8'), /LPE001/);
      assert.match(readFileSync(join(checkout, 'reports', 'junit.xml'), 'utf8'), /failures="1"/);
    }).timeout(60_000);
  });

  it('is imported by what it exports, and by nothing else', () => {
    const file = join(folder, 'import.mjs');
    writeFileSync(file, `
      import { checkRules, loadProfiles, Phone } from 'lync-phone-emulator';
      import { describeSignIn } from 'lync-phone-emulator/mocha';
      import { connectSip } from 'lync-phone-emulator/sip-transport';
      console.log(typeof Phone, typeof describeSignIn, typeof connectSip, checkRules.length > 0, loadProfiles().builds().length > 0);
      await import('lync-phone-emulator/dist/phone/phone.js').catch(({ code }) => { console.log(code); });
    `);
    assert.deepEqual(node(file), { status: 0, stdout: 'function function function true true\nERR_PACKAGE_PATH_NOT_EXPORTED\n', stderr: '' });
  });

  it('brings the guides and no more than a user needs', () => {
    const brought = readdirSync(installed);
    assert.deepEqual(brought.filter((name) => ['docs', 'examples', 'firmware-profiles', 'dist', 'README.md', 'LICENSE'].includes(name)).length, 6);
    assert.deepEqual(brought.filter((name) => ['src', 'test', '.ci', 'node_modules'].includes(name)), []);
    assert.ok(!readdirSync(join(installed, 'docs')).includes('api'));
  });
});
