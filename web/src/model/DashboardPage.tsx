import Banknote from 'lucide-solid/icons/banknote';
import Pencil from 'lucide-solid/icons/pencil';
import { createResource, Show } from 'solid-js';
import { CallList } from '~/account/CallList.tsx';
import { PasswordReminder } from '~/account/PasswordReminder.tsx';
import { api, toUserFacing } from '~/api';
import { keptList } from '~/app/kept.ts';
import { onChange } from '~/app/onChange.ts';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { RatingLine } from '~/people';
import { Card, LinkButton, PageHead } from '~/ui';
import { AvailabilityCard } from './AvailabilityCard.tsx';
import { FirstSteps } from './FirstSteps.tsx';

const RECENT_CALLS = 5;

/** What a model sees first: her calls. */
export default function DashboardPage() {
  const { session, call, money } = useServices();
  const [read, { refetch }] = createResource(
    () => ({ asOf: call.endedNews() }),
    async () => (await api.calls({ limit: RECENT_CALLS })).calls,
  );
  const recent = keptList(read, (line) => line.callId);

  // Others rate her: what it came to is asked for with each visit, and after each call.
  onChange(call.endedNews, () => {
    api.me().then(({ rating }) => session.update({ rating }), toUserFacing);
  });

  return (
    <>
      <PageHead title={t('model.title')} />
      <div class="grid items-start gap-5 xl:grid-cols-[3fr_2fr]">
        <div class="grid gap-5">
          <FirstSteps />
          <Show when={session.me()?.isProfileSet}>
            <PasswordReminder />
          </Show>
          <AvailabilityCard />
          <Card title={t('model.recent')} flush>
            <CallList
              calls={recent()}
              problem={read.error && !recent() ? errorWords(toUserFacing(read.error)) : undefined}
              onRetry={refetch}
            />
          </Card>
        </div>
        <div class="grid gap-5">
          <Card
            title={t('model.earnings')}
            aside={
              <LinkButton href="/earnings" tone="quiet" size="sm" icon={<Banknote size={16} />}>
                {t('model.seeEarnings')}
              </LinkButton>
            }
          >
            <p class="figures text-4xl font-semibold">{money(session.me()?.balanceMinor ?? 0)}</p>
          </Card>
          <Show when={session.me()?.rating}>
            {(rating) => (
              <Card title={t('model.rating')}>
                <Show
                  when={rating().averageTenths !== null}
                  fallback={<p class="text-ink-soft">{t('model.ratingNone')}</p>}
                >
                  <RatingLine tenths={rating().averageTenths} count={rating().count} />
                </Show>
                <Show when={rating().upCount + rating().downCount > 0}>
                  <p class="mt-2 text-sm text-ink-soft">
                    {t('ring.thumbs', { up: rating().upCount, down: rating().downCount })}
                  </p>
                </Show>
              </Card>
            )}
          </Show>
          <Show when={session.me()?.profile}>
            {(profile) => (
              <Card
                title={t('model.price')}
                aside={
                  <LinkButton href="/profile" tone="quiet" size="sm" icon={<Pencil size={16} />}>
                    {t('model.editProfile')}
                  </LinkButton>
                }
              >
                <p class="figures text-2xl font-semibold">
                  {t('client.perMinute', { price: money(profile().rateMinor) })}
                </p>
                <p class="mt-1 text-ink-soft">
                  {profile().minimumMin > 0
                    ? t('client.minimum', { minutes: t('common.minutes', profile().minimumMin) })
                    : t('client.noMinimum')}
                </p>
              </Card>
            )}
          </Show>
        </div>
      </div>
    </>
  );
}
