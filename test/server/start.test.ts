import t from 'tap';
import { sayHowToBegin } from '../../server/cli/start.ts';
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
