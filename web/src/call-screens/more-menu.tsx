import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import type { Component } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { t } from '~/i18n';
import { Rows } from '~/ui';

export type MoreItem = { label: string; icon: Component<{ size?: number }>; onSelect: () => void; isDanger?: boolean };

/** What is needed rarely in a call, behind one button. */
export function MoreMenu(props: { items: MoreItem[]; icon: Component<{ size?: number }> }) {
  return (
    <DropdownMenu placement="top-end">
      <DropdownMenu.Trigger
        aria-label={t('call.more')}
        title={t('call.more')}
        class="flex w-11 flex-col items-center gap-1 rounded-2xl @min-[23rem]:w-14 @2xl:w-20"
      >
        <span
          class="flex size-11 items-center justify-center rounded-full bg-panel text-on-stage hover:bg-[#3a322b] @min-[23rem]:size-14"
          aria-hidden="true"
        >
          <Dynamic component={props.icon} size={24} />
        </span>
        <span class="hidden max-w-full text-xs font-medium drop-shadow @2xl:block" aria-hidden="true">
          {t('call.short.more')}
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="z-60 max-h-(--kb-popper-content-available-height) min-w-60 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-2xl border border-line bg-card p-1.5 text-ink shadow-float outline-none">
          <Rows each={props.items} idOf={(item) => item.label}>
            {(item) => (
              <DropdownMenu.Item
                onSelect={() => item().onSelect()}
                class={`flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-3 font-medium outline-none data-highlighted:bg-sunken ${item().isDanger ? 'text-danger' : ''}`}
              >
                <Dynamic component={item().icon} size={18} aria-hidden="true" />
                {item().label}
              </DropdownMenu.Item>
            )}
          </Rows>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
