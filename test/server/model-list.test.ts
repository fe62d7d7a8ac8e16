// What each client is told when something changes among the models.
import t from 'tap';
import { type ModelCard, withChanges } from '../../server/contract/index.ts';
import { ModelList } from '../../server/presence/model-list.ts';

const card = (personId: number, change: Partial<ModelCard> = {}): ModelCard => ({
  personId,
  displayName: `Model ${personId}`,
  about: '',
  languages: [],
  tags: [],
  pictureUrl: null,
  isVerified: false,
  ratingCount: 0,
  ratingTenths: null,
  rateMinor: 200,
  minimumMin: 1,
  presence: 'available',
  ...change,
});
const NOBODY: ReadonlySet<string> = new Set();
const [ALEX, BOB] = [11, 12];

function known(...cards: ModelCard[]): ModelList {
  const list = new ModelList();
  list.replace(cards, NOBODY);
  return list;
}

t.test('one that has changed is told alone, as one message for all', async (t) => {
  const list = known(card(1), card(2), card(3));
  const messageFor = list.replace([card(1), card(2, { presence: 'busy' }), card(3)], NOBODY);
  t.same(messageFor(ALEX), { type: 'models.changed', models: [card(2, { presence: 'busy' })], goneIds: [] });
  t.equal(messageFor(ALEX), messageFor(BOB), 'the same object: it is written once');
  t.same(
    list.of(ALEX).map(({ personId }) => personId),
    [1, 3, 2],
    'who can be called stands first',
  );
});

t.test('nothing that has changed is nothing to tell', async (t) => {
  const list = known(card(1));
  t.equal(list.replace([card(1)], NOBODY)(ALEX), null);
});

t.test('who comes is told whole, who goes by number', async (t) => {
  const list = known(card(1), card(2));
  t.same(list.replace([card(2), card(3)], NOBODY)(ALEX), { type: 'models.changed', models: [card(3)], goneIds: [1] });
});

t.test(
  'a block hides a model from one client, and its end shows her again: that client gets the whole list',
  async (t) => {
    const list = known(card(1), card(2));
    const blocked = new Set([`1:${ALEX}`]);
    const messageFor = list.replace([card(1), card(2)], blocked);
    t.same(messageFor(ALEX), { type: 'models', models: [card(2)] });
    t.equal(messageFor(BOB), null);
    const busy = list.replace([card(1, { presence: 'busy' }), card(2)], blocked);
    t.equal(busy(ALEX), null, 'what she does is no news to who does not see her');
    t.same(busy(BOB), { type: 'models.changed', models: [card(1, { presence: 'busy' })], goneIds: [] });
    const both = list.replace([card(1), card(2, { presence: 'away' })], blocked);
    t.same(both(ALEX), { type: 'models.changed', models: [card(2, { presence: 'away' })], goneIds: [] });
    t.same(list.replace([card(1), card(2, { presence: 'away' })], NOBODY)(ALEX), {
      type: 'models',
      models: list.of(ALEX),
    });
  },
);

t.test('a page that applies each change has the list of a page that has just come', async (t) => {
  const list = known(card(1), card(2), card(3));
  let page = list.of(ALEX);
  const steps = [
    [card(1), card(3, { presence: 'off' })],
    [card(3, { presence: 'off' }), card(4), card(1, { rateMinor: 300 })],
    [],
    [card(2)],
  ];
  for (const cards of steps) {
    const message = list.replace(cards, NOBODY)(ALEX);
    if (message?.type === 'models.changed') page = withChanges(page, message);
    const sorted = (one: readonly ModelCard[]) => [...one].sort((a, b) => a.personId - b.personId);
    t.same(sorted(page), sorted(list.of(ALEX)));
  }
});
