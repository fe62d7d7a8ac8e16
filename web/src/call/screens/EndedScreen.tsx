import type { CallView } from '@contract/calls.ts';
import { useNavigate } from '@solidjs/router';
import MessageCircle from 'lucide-solid/icons/message-circle';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import { createEffect, Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatLength } from '~/money';
import { RatingForm } from '~/people';
import { Avatar, Button } from '~/ui';
import { outcomeWords } from '../words.ts';

/** How the call ended, what it cost, and the way on. */
export function EndedScreen(props: { view: CallView }) {
  const { call, money, locale } = useServices();
  const navigate = useNavigate();
  const name = () => props.view.peer.displayName;
  const words = () => outcomeWords(props.view.outcome ?? 'failed', props.view.mySide, name());
  const wasLive = () => props.view.meter !== null;
  createEffect(() => {
    document.title = `${words().title} · ${t('app.name')}`;
  });

  function leave(path: string) {
    call.dismiss();
    navigate(path);
  }

  return (
    <div class="flex h-full items-center justify-center overflow-y-auto bg-[radial-gradient(circle_at_50%_20%,#33270f,transparent_65%)] p-5">
      <div class="my-auto grid w-full max-w-md animate-rise gap-6 text-center">
        <div class="grid justify-items-center gap-4">
          <Avatar name={name()} personId={props.view.peer.personId} pictureUrl={props.view.peer.pictureUrl} size="lg" />
          <div>
            <h1 class="font-display text-3xl sm:text-4xl">{words().title}</h1>
            <p class="mt-2 text-on-stage-soft">{words().why}</p>
            <Show when={props.view.rejectReason}>
              {(reason) => <p class="mt-3 text-lg font-medium">“{reason()}”</p>}
            </Show>
          </div>
        </div>
        <Show when={wasLive()}>
          <dl class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,8rem),1fr))] gap-y-4 rounded-card bg-white/8 py-5">
            <div class="grid gap-1 px-4">
              <dt class="text-sm text-on-stage-soft">{t('ended.length')}</dt>
              <dd class="figures text-2xl font-semibold">{formatLength(props.view.meter?.billableMs ?? 0, locale)}</dd>
            </div>
            <div class="grid gap-1 px-4">
              <dt class="text-sm text-on-stage-soft">
                {t(props.view.mySide === 'client' ? 'ended.paid' : 'ended.charged')}
              </dt>
              <dd class="figures text-2xl font-semibold">{money(props.view.meter?.chargedMinor ?? 0)}</dd>
            </div>
          </dl>
        </Show>
        <Show when={props.view.tipsMinor > 0}>
          <p class="figures text-on-stage-soft">
            {t('tip.all')}: {money(props.view.tipsMinor)}
          </p>
        </Show>
        <RatingForm callId={props.view.callId} name={name()} />
        <div class="grid gap-3">
          <Show when={wasLive()}>
            <Button
              tone="stage"
              size="lg"
              wide
              icon={<ReceiptText size={20} />}
              onClick={() => leave(`/calls/${props.view.callId}`)}
            >
              {t('ended.receipt')}
            </Button>
          </Show>
          <Button
            tone="stage"
            size="lg"
            wide
            icon={<MessageCircle size={20} />}
            onClick={() => leave(`/messages/${props.view.peer.personId}`)}
          >
            {t('messages.openLabel', { name: name() })}
          </Button>
          <Button tone="stageGo" size="lg" wide onClick={() => leave('/')}>
            {t('ended.home')}
          </Button>
        </div>
      </div>
    </div>
  );
}
