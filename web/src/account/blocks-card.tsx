import { createResource } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { kept } from '~/state';
import { Button, Card, Listed, Rows, toast } from '~/ui';

/** Whom this person has blocked, and the way back. */
export function BlocksCard() {
  const [blocks, { refetch }] = createResource(async () => (await api.blocks()).blocks);
  const known = kept(blocks);
  async function lift(personId: number) {
    try {
      await api.unblock(personId);
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
    await refetch();
  }
  return (
    <Card title={t('people.blocks')} flush>
      <Listed
        items={known()}
        error={blocks.error && !known() ? errorText(toUserFacing(blocks.error)) : undefined}
        onRetry={refetch}
        empty={<p class="px-5 py-4 text-ink-soft sm:px-6">{t('people.noBlocks')}</p>}
      >
        {(list) => (
          <ul class="divide-y divide-line">
            <Rows each={list()} idOf={(block) => block.person.personId}>
              {(block) => (
                <li class="flex items-center justify-between gap-4 px-5 py-3 sm:px-6">
                  <div class="min-w-0">
                    <p class="truncate font-semibold">{block().person.displayName}</p>
                    <p class="text-sm text-ink-soft">{formatDateTime(block().at, locale)}</p>
                  </div>
                  <Button
                    tone="quiet"
                    size="sm"
                    aria-label={`${t('people.unblock')}: ${block().person.displayName}`}
                    onClick={() => lift(block().person.personId)}
                  >
                    {t('people.unblock')}
                  </Button>
                </li>
              )}
            </Rows>
          </ul>
        )}
      </Listed>
    </Card>
  );
}
