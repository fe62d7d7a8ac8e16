import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';

t.test('books in one currency are not opened with the settings of another', async (t) => {
  const appliance = new TestAppliance();
  t.teardown(() => appliance.end());
  await appliance.start();
  const operator = await appliance.becomeOperator();
  const alex = await appliance.makePerson(operator, 'client', 'Alex');
  await appliance.addCredit(operator, alex.personId, 1_000);
  await appliance.killTree();

  const refusals: [string, string, RegExp][] = [
    ['PARLOUR_MONEY_CURRENCY', 'USD', /EUR with 2 .* USD with 2/],
    ['PARLOUR_MONEY_MINOR_DIGITS', '0', /EUR with 2 .* EUR with 0/],
  ];
  for (const [key, value, sentence] of refusals) {
    const other = new TestAppliance({ PARLOUR_DATA: appliance.data, [key]: value });
    t.teardown(() => other.end());
    await t.rejects(other.start(), { message: sentence }, 'both are named');
    t.match(other.log, /set money\.currency = "EUR" and money\.minorDigits = 2 in parlour\.toml/);
    t.notMatch(other.log, /\n {4}at /, 'a sentence and no stack');
  }

  await appliance.start();
  t.match((await appliance.request('GET', '/api/appliance')).body, { currency: { code: 'EUR', minorDigits: 2 } });
});
