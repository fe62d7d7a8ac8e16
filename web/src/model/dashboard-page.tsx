import Banknote from 'lucide-solid/icons/banknote';
import Pencil from 'lucide-solid/icons/pencil';
import { createResource, Show } from 'solid-js';
import { PasswordReminder } from '~/account';
import { api, toUserFacing } from '~/api';
import { useCall } from '~/call';
import { CallList } from '~/history';
import { errorText, t } from '~/i18n';
import { RatingLine } from '~/people';
import { keptList, onChange, useMoney, useSession } from '~/state';
import { Card, LinkButton, PageHead } from '~/ui';
import { AvailabilityCard } from './availability-card.tsx';
import { FirstSteps } from './first-steps.tsx';

const RECENT_CALLS = 5;

/** What a model sees first: her calls. */
export default function DashboardPage() {
  const session = useSession();
  const call = useCall();
  const [read, { refetch }] = createResource(
    () => ({ asOf: call.endedSeq() }),
    async () => (await api.calls({ limit: RECENT_CALLS })).calls,
  );
  const recent = keptList(read, (line) => line.callId);

  // Others rate her: what it came to is asked for with each visit, and after each call.
  onChange(call.endedSeq, () => {
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
              problem={read.error && !recent() ? errorText(toUserFacing(read.error)) : undefined}
              onRetry={refetch}
            />
          </Card>
        </div>
        <div class="grid gap-5">
          <Earnings />
          <Rating />
          <Price />
        </div>
      </div>
    </>
  );
}

function Earnings() {
  const session = useSession();
  const money = useMoney();
  return (
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
  );
}

function Rating() {
  const session = useSession();
  return (
    <Show when={session.me()?.rating}>
      {(rating) => (
        <Card title={t('model.rating')}>
          <Show when={rating().averageTenths !== null} fallback={<p class="text-ink-soft">{t('model.ratingNone')}</p>}>
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
  );
}

function Price() {
  const session = useSession();
  const money = useMoney();
  return (
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
          <p class="figures text-2xl font-semibold">{t('client.perMinute', { price: money(profile().rateMinor) })}</p>
          <p class="mt-1 text-ink-soft">
            {profile().minimumMin > 0
              ? t('client.minimum', { minutes: t('common.minutes', profile().minimumMin) })
              : t('client.noMinimum')}
          </p>
        </Card>
      )}
    </Show>
  );
}
