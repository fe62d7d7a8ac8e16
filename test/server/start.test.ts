import t from 'tap';
import { exitCodeOf } from '../../server/cli/say.ts';
import { sayHowToBegin, startWhenDatabaseAnswers } from '../../server/cli/start.ts';
import { SettingsError } from '../../server/settings/index.ts';
import { StoreUnavailable } from '../../server/store/index.ts';

/** Answers after so many times of no database. */
function away<T>(times: number, answer: T): () => Promise<T> {
  let left = times;
  return async () => {
    if (left-- > 0) throw new StoreUnavailable('the database is away');
    return answer;
  };
}

const url = 'https://localhost:8443';
const newSetUpLink = () => away(1, { token: 'once', expiresAt: new Date() });

t.test('an appliance whose database goes as it opens stays open, and says how to begin when it is back', async (t) => {
  const lines: string[] = [];
  const appliance = { url, accounts: { hasOperator: away(2, false) }, signIn: { newSetUpLink: newSetUpLink() } };
  await sayHowToBegin(appliance, (line) => void lines.push(line));
  t.match(lines.join('\n'), `${url}/set-up#once`);
});

t.test('one that has an operator says nothing of it', async (t) => {
  const lines: string[] = [];
  const appliance = { url, accounts: { hasOperator: away(1, true) }, signIn: { newSetUpLink: newSetUpLink() } };
  await sayHowToBegin(appliance, (line) => void lines.push(line));
  t.same(lines, ['']);
});

t.test('a database of one’s own that is away is asked again, ever more seldom, until it is there', async (t) => {
  const [said, waited]: [string[], number[]] = [[], []];
  const options = {
    isPatient: true,
    sayWait: (text: string) => void said.push(text),
    wait: async (ms: number) => void waited.push(ms),
  };
  t.equal(await startWhenDatabaseAnswers(away(8, 'open'), options), 'open');
  t.same(waited, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  t.match(said[0], /The database does not answer \(the database is away\). It is asked again in 1 s\./);
});

t.test('what waiting does not heal ends the start', async (t) => {
  const isPatient = { isPatient: true, sayWait() {} };
  await t.rejects(
    startWhenDatabaseAnswers(() => Promise.reject(new SettingsError('wrong')), isPatient),
    SettingsError,
  );
  await t.rejects(startWhenDatabaseAnswers(away(1, 0), { ...isPatient, isPatient: false }), StoreUnavailable);
});

t.test('wrong settings end with the code that no service manager starts again', async (t) => {
  t.equal(exitCodeOf(new SettingsError('wrong')), 78);
  t.equal(exitCodeOf(new Error('anything else')), 1);
});
