import type { Peer } from '@contract/people.ts';
import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import Ban from 'lucide-solid/icons/ban';
import EllipsisVertical from 'lucide-solid/icons/ellipsis-vertical';
import Flag from 'lucide-solid/icons/flag';
import { createSignal, type JSX } from 'solid-js';
import { t } from '~/i18n';
import { BlockDialog } from './block-dialog.tsx';
import { ReportDialog } from './report-dialog.tsx';

const ITEM =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-3 font-medium outline-none data-highlighted:bg-sunken';

/** The menu itself, open; loaded by the button that stands for it. */
export default function PersonMenuOpen(props: {
  peer: Pick<Peer, 'personId' | 'displayName'>;
  /** Of a call that goes on, or that the report is about. */
  callId?: number | undefined;
  isInCall?: boolean;
  onStage?: boolean;
  onBlocked?: () => void;
}) {
  const [asking, setAsking] = createSignal<'none' | 'block' | 'report'>('none');
  return (
    <>
      <DropdownMenu defaultOpen>
        <DropdownMenu.Trigger
          class={`flex size-11 shrink-0 items-center justify-center rounded-full ${props.onStage ? 'bg-panel text-on-stage hover:bg-[#3a322b]' : 'text-ink-soft hover:bg-sunken'}`}
          aria-label={t('people.menu', { name: props.peer.displayName })}
        >
          <EllipsisVertical size={20} aria-hidden="true" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content class="z-60 min-w-52 rounded-2xl border border-line bg-card p-1.5 text-ink shadow-float outline-none">
            <Item icon={<Flag size={18} aria-hidden="true" />} onSelect={() => setAsking('report')}>
              {t('people.report')}
            </Item>
            <Item icon={<Ban size={18} aria-hidden="true" />} onSelect={() => setAsking('block')}>
              {t('people.block')}
            </Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu>
      <BlockDialog
        open={asking() === 'block'}
        onClose={() => setAsking('none')}
        peer={props.peer}
        isInCall={props.isInCall ?? false}
        onBlocked={() => props.onBlocked?.()}
      />
      <ReportDialog
        open={asking() === 'report'}
        onClose={() => setAsking('none')}
        peer={props.peer}
        callId={props.callId}
      />
    </>
  );
}

function Item(props: { icon: JSX.Element; onSelect: () => void; children: JSX.Element }) {
  return (
    <DropdownMenu.Item class={ITEM} onSelect={() => props.onSelect()}>
      {props.icon}
      {props.children}
    </DropdownMenu.Item>
  );
}
