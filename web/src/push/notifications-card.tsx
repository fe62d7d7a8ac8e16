import BellRing from 'lucide-solid/icons/bell-ring';
import { createSignal, Match, onMount, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { Badge, Button, Card, FormError, toast } from '~/ui';
import { lookAtPush, type PushPhase, phase, problem, turnPushOff, turnPushOn } from './push.ts';

const WHY_NOT: Partial<Record<PushPhase, () => string>> = {
  unsupported: () => t('push.unsupported'),
  install: () => t('push.install'),
  untrusted: () => t('push.untrusted'),
  denied: () => t('push.denied'),
  unreachable: () => t('push.unreachable'),
};

/** Notifications while no page is open: on, off, or in plain words why they cannot be. */
export function NotificationsCard(props: { isModel: boolean }) {
  const [isTesting, setTesting] = createSignal(false);
  onMount(() => void lookAtPush());
  async function test() {
    setTesting(true);
    try {
      await api.testPush();
      toast(t('push.testSent'));
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    } finally {
      setTesting(false);
    }
  }
  return (
    <Card
      title={t('push.title')}
      aside={
        <Show when={phase() === 'on'}>
          <Badge tone="good">{t('push.isOn')}</Badge>
        </Show>
      }
    >
      <p class="text-ink-soft">{props.isModel ? t('push.leadModel') : t('push.leadClient')}</p>
      <div class="mt-4 grid gap-4" aria-live="polite">
        <FormError text={problem() && errorText(problem() as NonNullable<ReturnType<typeof problem>>)} />
        <Show when={WHY_NOT[phase()]}>{(why) => <p class="font-medium">{why()()}</p>}</Show>
        <Show when={phase() === 'untrusted'}>
          <p>
            <a
              class="font-medium text-brand underline"
              href="/authority.pem"
              download="parlour-authority.pem"
              rel="external"
            >
              {t('push.authority')}
            </a>
          </p>
        </Show>
        <Switch>
          <Match when={phase() === 'on'}>
            <div class="flex flex-wrap gap-3">
              <Button tone="quiet" busy={isTesting()} onClick={test}>
                {t('push.tryIt')}
              </Button>
              <Button tone="quiet" onClick={turnPushOff}>
                {t('push.turnOff')}
              </Button>
            </div>
          </Match>
          <Match when={['off', 'busy', 'unreachable'].includes(phase())}>
            <div>
              <Button icon={<BellRing size={18} />} busy={phase() === 'busy'} onClick={turnPushOn}>
                {t('push.turnOn')}
              </Button>
            </div>
          </Match>
        </Switch>
      </div>
    </Card>
  );
}
