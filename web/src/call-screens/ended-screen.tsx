import type { CallView } from '@contract/calls.ts';
import { useNavigate } from '@solidjs/router';
import MessageCircle from 'lucide-solid/icons/message-circle';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import { createEffect, createResource, type JSX, Show } from 'solid-js';
import { api } from '~/api';
import { useCall } from '~/call';
import { locale, t } from '~/i18n';
import { outcomeText } from '~/meter';
import { formatLength } from '~/money';
import { RatingForm } from '~/people';
import { keepFresh, kept, useMoney } from '~/state';
import { Avatar, Button } from '~/ui';

const RECENT_CALLS = 5;

/** How the call ended, what it cost, and the way on. */
export function EndedScreen(props: { view: CallView }) {
  const name = () => props.view.peer.displayName;
  const words = () => outcomeText(props.view.outcome ?? 'failed', props.view.mySide, name());
  createEffect(() => {
    document.title = `${words().title} · ${t('app.name')}`;
  });

  return (
    <div class="flex h-full items-center justify-center overflow-y-auto bg-[radial-gradient(circle_at_50%_20%,#33270f,transparent_65%)] p-5 short:p-3">
      {/* On a phone that lies on its side: the end and the way on at the left, the rating, if there is one, at the right. */}
      <div class="my-auto grid w-full max-w-md animate-rise gap-4 text-center sm:gap-6 short:items-center short:has-[form]:max-w-4xl short:has-[form]:grid-cols-2 short:gap-x-5 short:gap-y-3">
        <div class="grid gap-4 sm:gap-6 short:col-start-1 short:gap-3">
          <div class="grid justify-items-center gap-3">
            <div class="short:hidden">
              <Avatar name={name()} personId={props.view.peer.personId} pictureUrl={props.view.peer.pictureUrl} />
            </div>
            <div>
              <h1 class="font-display text-3xl sm:text-4xl short:text-2xl">{words().title}</h1>
              <p class="mt-2 text-on-stage-soft short:mt-1">{words().why}</p>
              <Show when={props.view.rejectReason}>
                {(reason) => <p class="mt-3 text-lg font-medium">“{reason()}”</p>}
              </Show>
            </div>
          </div>
          <Figures view={props.view} />
        </div>
        <div class="empty:hidden short:col-start-2 short:row-span-2 short:row-start-1">
          <RatingForm callId={props.view.callId} name={name()} asOf={props.view.seq} onStage />
        </div>
        <WaysOn view={props.view} />
      </div>
    </div>
  );
}

/** Length and money, once there was any. */
function Figures(props: { view: CallView }) {
  const money = useMoney();
  const wasLive = () => props.view.meter !== null;
  /** Her share of it, tips and all: asked for again at each view, since the last of the money comes after the end. */
  const [read, { refetch }] = createResource(
    () => props.view.mySide === 'model' && wasLive() && { callId: props.view.callId, asOf: props.view.seq },
    async ({ callId }) => {
      const { calls } = await api.calls({ limit: RECENT_CALLS });
      return calls.find((one) => one.callId === callId) ?? null;
    },
  );
  const line = kept(read);
  keepFresh(async () => void (await refetch()));
  const earned = () => {
    const minor = line()?.earnedMinor;
    return minor === null || minor === undefined ? null : money(minor);
  };
  return (
    <>
      <Show when={wasLive()}>
        <dl class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,7.5rem),1fr))] gap-y-4 rounded-card bg-white/8 px-2 py-5 short:py-3">
          <Figure label={t('ended.length')}>{formatLength(props.view.meter?.billableMs ?? 0, locale)}</Figure>
          <Figure label={t(props.view.mySide === 'client' ? 'ended.paid' : 'ended.charged')}>
            {money(props.view.meter?.chargedMinor ?? 0)}
          </Figure>
          <Show when={props.view.mySide === 'model'}>
            <Figure label={t('ended.earned')}>{earned() ?? '…'}</Figure>
          </Show>
        </dl>
      </Show>
      <Show when={props.view.tipsMinor > 0}>
        <p class="figures text-on-stage-soft">
          {t('tip.all')}: {money(props.view.tipsMinor)}
        </p>
      </Show>
    </>
  );
}

function WaysOn(props: { view: CallView }) {
  const call = useCall();
  const navigate = useNavigate();
  const wasLive = () => props.view.meter !== null;

  function leave(path: string) {
    call.dismiss();
    navigate(path);
  }

  return (
    <div class="grid gap-3 short:col-start-1 short:gap-2" classList={{ 'short:grid-cols-2': wasLive() }}>
      <Show when={wasLive()}>
        <Button tone="stage" wide icon={<ReceiptText size={20} />} onClick={() => leave(`/calls/${props.view.callId}`)}>
          {t('ended.receipt')}
        </Button>
      </Show>
      <Button
        tone="stage"
        wide
        icon={<MessageCircle size={20} />}
        onClick={() => leave(`/messages/${props.view.peer.personId}`)}
      >
        {t('messages.openLabel', { name: props.view.peer.displayName })}
      </Button>
      <div class="short:col-span-full">
        {/* Back to where the ring came: what was begun there is there. */}
        <Button tone="stageGo" size="lg" wide onClick={() => call.dismiss()}>
          {t('ended.home')}
        </Button>
      </div>
    </div>
  );
}

function Figure(props: { label: string; children: JSX.Element }) {
  return (
    <div class="grid gap-1 px-2">
      <dt class="text-sm text-on-stage-soft">{props.label}</dt>
      <dd class="figures text-xl font-semibold">{props.children}</dd>
    </div>
  );
}
