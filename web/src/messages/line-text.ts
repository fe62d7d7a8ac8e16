import type { MessageContent } from '@contract/threads.ts';
import { t } from '~/i18n';
import { outcomeText } from '~/meter';
import { formatLength } from '~/money';

type About = { mySide: 'client' | 'model'; name: string; money: (minor: number) => string; locale: string };

/** A line of the thread in words. */
export function lineText(content: MessageContent, about: About): string {
  const { mySide, name, money, locale } = about;
  switch (content.kind) {
    case 'text':
      return content.text;
    case 'charge':
      return t(`messages.charge.${mySide}`, { minute: content.minute, amount: money(content.amountMinor) });
    case 'low':
      return t(`messages.low.${mySide}`, { name });
    case 'out_of_funds':
      return t(`messages.outOfFunds.${mySide}`, { name });
    case 'tip':
      return t(`messages.tip.${mySide}`, { name, amount: money(content.amountMinor) });
    case 'call': {
      const { title } = outcomeText(content.outcome, mySide, name);
      const parts = [title];
      if (content.rejectReason) parts.push(`“${content.rejectReason}”`);
      if (content.billableMs > 0) parts.push(formatLength(content.billableMs, locale));
      if (content.chargedMinor > 0) parts.push(money(content.chargedMinor));
      return parts.join(' · ');
    }
  }
}
