import type { Receipt } from '@contract/receipt.ts';
import { Index, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatLength, formatTimeExact } from '~/money';
import { Card } from '~/ui';
import { ProbeEvidence } from './probe-evidence.tsx';

/** Less than a tenth of a second reads as none. */
const SHOWN_CUT_BACK_MS = 50;

/** When the meter did not run and why, and what of a pause was noticed late. */
export function Pauses(props: { receipt: Receipt }) {
  const length = (from: string, to: string | null) => {
    if (to === null) return '';
    const ms = Date.parse(to) - Date.parse(from);
    return ` (${ms < 1_000 ? t('receipt.underSecond') : formatLength(ms, locale)})`;
  };
  return (
    <Show when={props.receipt.pauses.length > 0}>
      <Card title={t('receipt.pauses')}>
        <ul class="grid gap-2">
          {/* By place: a call that goes on only adds to them. */}
          <Index each={props.receipt.pauses}>
            {(pause) => (
              <li class="flex flex-wrap justify-between gap-x-4">
                <span>{t(`pause.${pause().reason}`)}</span>
                <span class="figures text-ink-soft">
                  {formatTimeExact(pause().from, locale)} –{' '}
                  <Show when={pause().to} fallback={t('receipt.pauseOpen')}>
                    {(to) => formatTimeExact(to(), locale)}
                  </Show>
                  {length(pause().from, pause().to)}
                </span>
                <Show when={pause().cutBackMs >= SHOWN_CUT_BACK_MS}>
                  <span class="basis-full text-sm text-ink-soft">
                    {t('receipt.cutBack', {
                      at: formatTimeExact(pause().noticedAt, locale),
                      seconds: (pause().cutBackMs / 1_000).toFixed(1),
                    })}{' '}
                    <Show when={pause().unitsChargedBeforeNoticed > 0}>
                      {t('receipt.chargedBefore', {
                        units: t(`common.units.${props.receipt.tariff}`, pause().unitsChargedBeforeNoticed),
                      })}
                    </Show>
                  </span>
                </Show>
                <ProbeEvidence probes={pause().evidence} />
              </li>
            )}
          </Index>
        </ul>
        <p class="mt-3 text-sm text-ink-soft">{t('receipt.billableNote')}</p>
      </Card>
    </Show>
  );
}
