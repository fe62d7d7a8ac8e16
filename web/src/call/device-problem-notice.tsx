import CameraOff from 'lucide-solid/icons/camera-off';
import { Match, Show, Switch } from 'solid-js';
import { t } from '~/i18n';
import type { DeviceProblem } from '~/media';
import { Button, Notice } from '~/ui';
import { browserKind } from './browser.ts';
import { useCall } from './context.ts';

function problemText(problem: DeviceProblem): { title: string; why: string } {
  if (problem === 'notAllowed')
    return { title: t('device.notAllowed.title'), why: t(`device.notAllowed.${browserKind(navigator.userAgent)}`) };
  return { title: t(`device.${problem}.title`), why: t(`device.${problem}.why`) };
}

/** The press that failed may have been far down the page. */
function bringIntoView(element: HTMLElement) {
  queueMicrotask(() => element.scrollIntoView({ block: 'center' }));
}

/** What keeps camera and microphone from this page, and what to do in this very browser. */
export function DeviceProblemNotice(props: { onRetry?: () => void }) {
  const call = useCall();
  const { devices } = call;
  return (
    <Switch>
      <Match when={devices.isAsking()}>
        <AskingNotice />
      </Match>
      <Match when={devices.problem()}>
        {(problem) => (
          <div class="max-w-lg text-left" ref={bringIntoView}>
            <Notice tone="bad" icon={<CameraOff size={22} />} title={problemText(problem()).title} alert>
              <p class="mt-1">{problemText(problem()).why}</p>
              <Show when={problem() !== 'insecure'}>
                <div class="mt-3">
                  <Button size="sm" tone="quiet" onClick={() => (props.onRetry ? props.onRetry() : devices.open())}>
                    {t('common.tryAgain')}
                  </Button>
                </div>
              </Show>
            </Notice>
          </div>
        )}
      </Match>
    </Switch>
  );
}

/** Appears after a moment: a browser that need not ask a person is quicker. */
function AskingNotice() {
  return (
    <div class="max-w-lg text-left opacity-0 [animation:appear_0s_0.7s_forwards]">
      <Notice tone="warn">{t('device.asking')}</Notice>
    </div>
  );
}
