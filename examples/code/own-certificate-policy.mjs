// A certificate policy in code: what each build checks, and one check more. This one wants certificates to last for some days yet.
//   node examples/code/own-certificate-policy.mjs 30
import { X509Certificate } from 'node:crypto';
import { loadPlan, loadProfiles, rehearse, verifyServerCertificate } from 'lync-phone-emulator';

const days = Number(process.argv[2] ?? 30);

function lastsLongEnough(input) {
  const verdict = verifyServerCertificate(input);
  const [leaf] = input.chain;
  if (leaf === undefined) return verdict;
  const left = Math.floor((Date.parse(new X509Certificate(leaf).validTo) - input.now) / 86_400_000);
  const check = {
    rule: 'lasts-long-enough', passed: left >= days, sentence: `The certificate is good for ${left} days; our rule wants ${days}.`,
    decisive: true, facts: { left, days }, confidence: 'documented', evidence: ['our own rule'],
  };
  return { ...verdict, accepted: verdict.accepted && check.passed, checks: [...verdict.checks, check] };
}

const { report } = await rehearse(loadPlan('examples/plans/first-rollout.yaml'), { profiles: loadProfiles(), certificatePolicy: lastsLongEnough });
for (const { phone, verdict } of report.runs) console.log(phone.firmware, verdict.outcome, verdict.cause?.sentence ?? '');
process.exitCode = report.runs.every(({ matches }) => matches) ? 0 : 1;
