import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import { onModel, phoneModels } from '../../src/firmware/models.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';

const store = loadProfiles();
const models = [...phoneModels.values()];
const taking = (method: 'pin' | 'tethered' | 'typed') => models.filter(({ methods }) => methods.value.includes(method)).map(({ name }) => name);

describe('Phone models', () => {
  it('sign in as Microsoft documents it: common-area phones by PIN only, desk phones over USB too, Tanjay by typed credentials only', () => {
    assert.deepEqual(taking('pin'), ['CX500', 'CX600', 'CX3000', 'HP 4110', 'HP 4120', '6721ip', '6725ip']);
    assert.deepEqual(taking('tethered'), ['CX600', 'CX3000', 'HP 4120', '6725ip']);
    assert.deepEqual(taking('typed'), ['CX700', 'IP8540']);
    assert.deepEqual(taking('typed'), models.filter(({ family }) => family === 'Tanjay').map(({ name }) => name));
  });

  it('cite declared sources for all that is not assumed', () => {
    for (const { name, methods, inventory } of models) {
      for (const { confidence, evidence } of [methods, inventory]) {
        assert.ok(evidence.every((id) => store.sources.has(id)), name);
        assert.ok(confidence === 'assumed' || evidence.length > 0, name);
      }
    }
  });

  it('bring their name, their ways to sign in and their inventory string to a build, and leave the rest alone', () => {
    const loaded = store.get('4.0.7577.4100');
    const { profile } = onModel(loaded, 'CX500');
    assert.deepEqual([profile.model, profile.signIn.methods.value, profile.identity.deviceInfo.value], ['CX500', ['pin'], { vendor: 'POLYCOM', version: 'CX500' }]);
    assert.equal(profile.certificate, loaded.profile.certificate);
    assert.equal(loaded.profile.model, undefined);
  });

  it('run the builds there are for them: those of the OCS years are on Tanjay only', () => {
    const tanjay = store.builds().filter((build) => store.get(build).profile.runsOn === 'Tanjay');
    assert.deepEqual(tanjay, ['1.0.522.101', '3.5.6907.187']);
    for (const build of tanjay) {
      assert.deepEqual(onModel(store.get(build), 'IP8540').profile.signIn.methods.value, ['typed']);
      assert.throws(() => onModel(store.get(build), 'CX600'), { code: 'plan/build-not-for-model', message: `A CX600 does not run ${build}, which is for CX700 and IP8540 only.` });
      assert.deepEqual([phoneBuilds(store, 'CX600')(build), phoneBuilds(store, 'CX700')(build)?.profile.model], [undefined, 'CX700']);
    }
    for (const { name, factoryBuild } of models) assert.equal(phoneBuilds(store, name)(factoryBuild.value)?.profile.model, name);
  });

  it('leave the Windows client as it is, and name the known ones for one that is not', () => {
    const windows = store.get('windows-lync-2010');
    assert.equal(onModel(windows, 'PC'), windows);
    assert.throws(() => onModel(store.get('4.0.7577.4100'), 'CX601'), {
      code: 'plan/unknown-model', message: /^There is no phone model "CX601"; known are CX500, CX600, .*, CX700, IP8540\.$/,
    });
  });
});
