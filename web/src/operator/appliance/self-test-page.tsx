import type { SelfTestLine } from '@contract/studio.ts';
import CircleCheck from 'lucide-solid/icons/circle-check';
import CircleX from 'lucide-solid/icons/circle-x';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createResource, For, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime, formatTimeExact } from '~/money';
import { kept } from '~/state';
import { Badge, Button, Card, Listed, type Tone } from '~/ui';
import { ApplianceFrame } from './appliance-frame.tsx';

const LOOK = {
  good: { tone: 'good', icon: CircleCheck, ink: 'text-brand' },
  warn: { tone: 'warn', icon: TriangleAlert, ink: 'text-brass' },
  bad: { tone: 'bad', icon: CircleX, ink: 'text-danger' },
} as const satisfies Record<SelfTestLine['state'], { tone: Tone; icon: unknown; ink: string }>;

/** Every part of the appliance looked at once: what is good, and what to do where it is not. */
export default function SelfTestPage() {
  const [read, { refetch }] = createResource(() => api.selfTest());
  const known = kept(read);
  const worst = () => (known()?.lines ?? []).filter((line) => line.state !== 'good').length;
  return (
    <ApplianceFrame
      lead={t('selfTest.lead')}
      aside={
        <Button icon={<RotateCw size={18} aria-hidden="true" />} busy={read.loading} onClick={() => refetch()}>
          {t('selfTest.again')}
        </Button>
      }
    >
      <div class="max-w-4xl">
        <Card flush>
          <p role="status" class="px-5 py-2 font-semibold sm:px-6">
            <Show when={known()}>
              {(found) => (
                <>
                  {worst() === 0 ? t('selfTest.allGood') : t('selfTest.some', worst())}{' '}
                  <span class="font-normal text-ink-soft">{formatTimeExact(found().at, locale)}</span>
                </>
              )}
            </Show>
          </p>
          <Listed
            items={known()?.lines}
            error={read.error ? errorText(toUserFacing(read.error)) : undefined}
            onRetry={refetch}
            empty={null}
          >
            {(lines) => (
              <ul class="divide-y divide-line">
                <For each={lines()}>{(line) => <Line line={line} />}</For>
              </ul>
            )}
          </Listed>
        </Card>
      </div>
    </ApplianceFrame>
  );
}

function Line(props: { line: SelfTestLine }) {
  const look = () => LOOK[props.line.state];
  const words = () => {
    const { code, finding, detail } = props.line;
    const figures: Record<string, string | number> = { ...detail };
    if (figures.at !== undefined) figures.at = formatDateTime(String(figures.at), locale);
    // A finding that this page does not know shows as it came.
    return (t(`selfTest.${code}.${finding}` as 'selfTest.clock.agree', figures) as string | undefined) ?? finding;
  };
  return (
    <li class="flex flex-wrap items-start gap-x-4 gap-y-1.5 px-5 py-3.5 sm:px-6">
      <span class={`mt-0.5 ${look().ink}`}>
        <Dynamic component={look().icon} size={22} aria-hidden="true" />
      </span>
      <div class="min-w-0 flex-1 basis-52">
        <p class="font-semibold">{t(`selfTest.part.${props.line.code}`)}</p>
        <p class="break-words text-ink-soft">{words()}</p>
      </div>
      <Badge tone={look().tone}>{t(`selfTest.state.${props.line.state}`)}</Badge>
    </li>
  );
}
