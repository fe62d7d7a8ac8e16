import type { Studio } from '@contract/api.ts';
import { createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { formatClock } from '~/money';
import { useMoney } from '~/state';
import { Badge, Button, Rows, type Tone, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';

type Row = Studio['calls'][number];

const STATE_TONES: Record<string, Tone> = { live: 'good', suspended: 'warn', ringing: 'quiet', confirming: 'quiet' };
const METER_TONES: Record<string, Tone> = { charging: 'good', not_charging: 'warn', suspended: 'warn' };

/** A word of the catalogue where there is one; the board shows a state that it does not know as it is. */
function known(group: 'state' | 'meter', value: string): string {
  const words: string | undefined = t(`operator.${group}.${value}` as 'operator.state.live');
  return words ?? value;
}

function reasonText(reasons: string[]): string {
  return reasons
    .map((reason) => (t(`pause.${reason}` as 'pause.slow_link') as string | undefined) ?? reason)
    .join(', ');
}

/** The calls that go on. */
export function CallsNow(props: { calls: Row[] }) {
  const [endingId, setEndingId] = createSignal<number | null>(null);
  const callOf = (id: number | null) => props.calls.find((call) => call.callId === id);

  async function end() {
    const callId = endingId();
    setEndingId(null);
    if (callId === null) return;
    try {
      await api.endCall(callId);
      toast(t('operator.callEnded'));
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }

  return (
    <>
      <ul class="divide-y divide-line">
        <Rows each={props.calls} idOf={(call) => call.callId}>
          {(call) => <CallRow call={call()} onEnd={() => setEndingId(call().callId)} />}
        </Rows>
      </ul>
      <Dialog
        open={callOf(endingId()) !== undefined}
        onClose={() => setEndingId(null)}
        title={t('operator.endTitle')}
        lead={t('operator.endLead', lineOf(callOf(endingId())))}
      >
        <Choice yes={t('operator.endConfirm')} no={t('operator.endNo')} onYes={end} onNo={() => setEndingId(null)} />
      </Dialog>
    </>
  );
}

const lineOf = (call: Row | undefined) => ({ client: call?.clientName ?? '', model: call?.modelName ?? '' });

function CallRow(props: { call: Row; onEnd: () => void }) {
  const money = useMoney();
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4 sm:px-6">
      <div class="min-w-0 flex-1 basis-48">
        <p class="truncate font-semibold">{t('operator.callLine', lineOf(props.call))}</p>
        <p class="text-sm text-ink-soft">{t('receipt.number', { id: props.call.callId })}</p>
      </div>
      <div class="flex basis-full flex-wrap items-center gap-x-3 gap-y-2 md:basis-auto">
        <Badge tone={STATE_TONES[props.call.state] ?? 'quiet'}>{known('state', props.call.state)}</Badge>
        <Show when={props.call.meterState}>
          {(meter) => (
            <Badge tone={METER_TONES[meter()] ?? 'quiet'}>
              {known('meter', meter())}
              <Show when={props.call.reasons.length > 0}>{`: ${reasonText(props.call.reasons)}`}</Show>
            </Badge>
          )}
        </Show>
        <Show when={props.call.meterState}>
          <p class="figures ml-auto flex gap-3">
            <span class="text-ink-soft md:min-w-16 md:text-right">{formatClock(props.call.billableMs)}</span>
            <span class="font-semibold md:min-w-20 md:text-right">{money(props.call.chargedMinor)}</span>
          </p>
        </Show>
        <Button tone="quiet" size="sm" aria-label={t('operator.endLabel', lineOf(props.call))} onClick={props.onEnd}>
          {t('operator.end')}
        </Button>
      </div>
    </li>
  );
}
