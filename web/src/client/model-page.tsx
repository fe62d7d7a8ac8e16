import type { ModelCard as Card } from '@contract/people.ts';
import { useParams } from '@solidjs/router';
import UserX from 'lucide-solid/icons/user-x';
import { createMemo, createResource, Match, Show, Switch } from 'solid-js';
import { api } from '~/api';
import { useCall } from '~/call';
import { CallList } from '~/history';
import { t } from '~/i18n';
import { Marks, PersonMenu, RatingLine } from '~/people';
import { keptList, useMoney } from '~/state';
import { Avatar, Card as CardBox, EmptyState, LinkButton, PageHead, SkeletonCards } from '~/ui';
import { startPriceMinor } from './cards.ts';
import { FavouriteButton, ModelActions, ModelFacts, PresenceBadge } from './model-parts.tsx';
import { useModels } from './models.ts';

/** How many of the newest calls are looked through for those with her. */
const CALLS_READ = 100;
const CALLS_SHOWN = 5;

/** All that a client can know of a model before the call, and the ways to her. */
export default function ModelPage() {
  const params = useParams<{ personId: string }>();
  const { models } = useModels();
  const card = createMemo(() => models()?.find((one) => one.personId === Number(params.personId)));
  return (
    <Switch fallback={<SkeletonCards count={2} />}>
      <Match when={card()}>{(found) => <Page card={found()} />}</Match>
      <Match when={models() !== null}>
        <EmptyState isPage icon={<UserX size={28} />} title={t('modelPage.gone')} why={t('modelPage.goneWhy')}>
          <LinkButton href="/">{t('modelPage.others')}</LinkButton>
        </EmptyState>
      </Match>
    </Switch>
  );
}

function Page(props: { card: Card }) {
  const call = useCall();
  const [read] = createResource(
    () => ({ personId: props.card.personId, asOf: call.endedSeq() }),
    async ({ personId }) =>
      (await api.calls({ limit: CALLS_READ })).calls.filter((line) => line.peer.personId === personId),
  );
  const calls = keptList(read, (line) => line.callId);
  return (
    <>
      <PageHead title={props.card.displayName} back={{ href: '/', label: t('nav.videoCalls') }} />
      <div class="grid items-start gap-5 lg:grid-cols-[3fr_2fr]">
        <CardBox>
          <div class="flex flex-wrap items-center gap-5">
            <Avatar
              name={props.card.displayName}
              personId={props.card.personId}
              pictureUrl={props.card.pictureUrl}
              size="xl"
            />
            <div class="min-w-0 flex-1 basis-44">
              <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
                <PresenceBadge presence={props.card.presence} />
                <Marks isVerified={props.card.isVerified} />
              </div>
              <p class="mt-2">
                <Show
                  when={props.card.ratingTenths !== null}
                  fallback={<span class="text-sm text-ink-soft">{t('modelPage.notRated')}</span>}
                >
                  <RatingLine tenths={props.card.ratingTenths} count={props.card.ratingCount} />
                </Show>
              </p>
              <div class="mt-2 -ml-2.5 flex items-center">
                <FavouriteButton card={props.card} />
                <PersonMenu peer={props.card} />
              </div>
            </div>
          </div>
          <Show when={props.card.about}>
            <p class="mt-5 max-w-prose break-words whitespace-pre-line">{props.card.about}</p>
          </Show>
          <ModelFacts card={props.card} />
        </CardBox>
        <div class="grid gap-5">
          <PriceCard card={props.card} />
          <Show when={(calls()?.length ?? 0) > 0}>
            <CardBox title={t('modelPage.calls')} flush>
              <CallList calls={calls()?.slice(0, CALLS_SHOWN)} />
            </CardBox>
          </Show>
        </div>
      </div>
    </>
  );
}

function PriceCard(props: { card: Card }) {
  const money = useMoney();
  return (
    <CardBox title={t('modelPage.price')}>
      <p class="figures text-3xl font-semibold">{t('client.perMinute', { price: money(props.card.rateMinor) })}</p>
      <p class="mt-1.5 text-ink-soft">
        {props.card.minimumMin > 0
          ? t('modelPage.minimum', {
              minutes: t('common.minutes', props.card.minimumMin),
              price: money(startPriceMinor(props.card)),
            })
          : t('modelPage.noMinimum')}
      </p>
      <div class="mt-5">
        <ModelActions card={props.card} />
      </div>
    </CardBox>
  );
}
