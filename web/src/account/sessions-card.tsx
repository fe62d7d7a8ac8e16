import type { SessionLine } from '@contract/account.ts';
import LogOut from 'lucide-solid/icons/log-out';
import Monitor from 'lucide-solid/icons/monitor';
import Smartphone from 'lucide-solid/icons/smartphone';
import { createResource, createSignal, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { kept, useSession } from '~/state';
import { Badge, Button, Card, Listed, Rows, toast } from '~/ui';
import { deviceNames, isPhone } from './device.ts';

/** Where this person is signed in, and the way to end it there. */
export function SessionsCard() {
  const session = useSession();
  const [read, { refetch, mutate }] = createResource(() => api.sessions());
  const known = kept(read);
  const [isBusy, setBusy] = createSignal(false);
  const others = () => known()?.sessions.filter((one) => !one.isThis) ?? [];

  async function end(act: () => ReturnType<typeof api.sessions>, done: string) {
    setBusy(true);
    try {
      mutate(await act());
      toast(done);
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
      await refetch();
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card
      title={t('sessions.title')}
      flush
      aside={
        <Show when={others().length > 0}>
          <Button
            tone="quiet"
            size="sm"
            busy={isBusy()}
            onClick={() => end(() => api.endOtherSessions(), t('sessions.othersEnded'))}
          >
            {t('sessions.endOthers')}
          </Button>
        </Show>
      }
    >
      <p class="px-5 pb-2 text-ink-soft sm:px-6">{t('sessions.lead')}</p>
      <Listed
        items={known()?.sessions}
        error={read.error && !known() ? errorText(toUserFacing(read.error)) : undefined}
        onRetry={refetch}
        empty={null}
      >
        {(list) => (
          <ul class="divide-y divide-line">
            <Rows each={list()} idOf={(line) => line.sessionId}>
              {(line) => (
                <Line
                  line={line()}
                  isBusy={isBusy()}
                  onEnd={() =>
                    line().isThis
                      ? void session.signOut()
                      : void end(() => api.endSession(line().sessionId), t('sessions.ended'))
                  }
                />
              )}
            </Rows>
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function Line(props: { line: SessionLine; isBusy: boolean; onEnd: () => void }) {
  const name = () => {
    const names = deviceNames(props.line.device);
    if (!names) return t('sessions.unknown');
    return [names.browser, names.system].filter(Boolean).join(' · ');
  };
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2.5 px-5 py-3.5 sm:px-6">
      <span class="text-ink-soft">
        <Dynamic component={isPhone(props.line.device) ? Smartphone : Monitor} size={22} aria-hidden="true" />
      </span>
      <div class="min-w-0 flex-1 basis-44">
        <p class="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold">
          {name()}
          <Show when={props.line.isThis}>
            <Badge tone="good">{t('sessions.this')}</Badge>
          </Show>
        </p>
        <p class="text-sm text-ink-soft">
          {t('sessions.since', { when: formatDateTime(props.line.signedInAt, locale) })}
          <Show when={!props.line.isThis}>
            {' · '}
            {t('sessions.seen', { when: formatDateTime(props.line.seenAt, locale) })}
          </Show>
        </p>
      </div>
      <Button
        tone="quiet"
        size="sm"
        icon={<LogOut size={16} aria-hidden="true" />}
        disabled={props.isBusy}
        aria-label={props.line.isThis ? t('sessions.endThisLabel') : t('sessions.endLabel', { device: name() })}
        onClick={() => props.onEnd()}
      >
        {t('app.signOut')}
      </Button>
    </li>
  );
}
