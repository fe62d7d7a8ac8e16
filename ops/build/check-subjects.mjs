// Checks the subjects of commits: `area: what changed`, at most 72 characters.
// Usage: node ops/build/check-subjects.mjs [range]   (default: what has been committed since the rule is checked)
//        node ops/build/check-subjects.mjs --message FILE   (as git's commit-msg hook calls it)
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** The first commit that is held to the rule is the one after this. */
const SINCE = '3dc3b6f';
const CHARACTERS_MAX = 72;
const SUBJECT = /^[a-z0-9][a-z0-9 ,./-]*: \S/;
/** What git writes by itself. */
const BY_GIT = /^(Merge|Revert|fixup!|squash!) /;

/** @returns what is wrong with a subject, or null */
function faultOf(subject) {
  if (BY_GIT.test(subject)) return null;
  if (!SUBJECT.test(subject)) return 'begin with the area that has changed, in lower case, and a colon';
  if (subject.length > CHARACTERS_MAX) return `at most ${CHARACTERS_MAX} characters; these are ${subject.length}`;
  if (subject.endsWith('.')) return 'no full stop at the end';
  return null;
}

function subjectsOf(range) {
  const { status, stdout, stderr } = spawnSync('git', ['log', '--format=%s', range], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
  return stdout.split('\n').filter(Boolean);
}

const [first, file] = process.argv.slice(2);
const subjects =
  first === '--message' ? [fs.readFileSync(file, 'utf8').split('\n')[0]] : subjectsOf(first ?? `${SINCE}..HEAD`);
for (const subject of subjects) {
  const fault = faultOf(subject);
  if (!fault) continue;
  console.error(`${subject}\n  ${fault}. For example: "ledger: refuse a refund of a refund"`);
  process.exitCode = 1;
}
