import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import { createSignal, createUniqueId } from 'solid-js';
import { t } from '~/i18n';
import { announce } from './announcer.tsx';
import { Button } from './button.tsx';

/** A text to carry elsewhere, with a button that copies it. */
export function CopyField(props: { label: string; value: string; button?: string }) {
  const id = createUniqueId();
  const [copied, setCopied] = createSignal(false);
  let input!: HTMLInputElement;

  async function copy() {
    input.select();
    try {
      await navigator.clipboard.writeText(props.value);
      setCopied(true);
      announce(t('common.copied'));
      setTimeout(() => setCopied(false), 2500);
    } catch {
      // Not allowed here: the text is selected, so that the keyboard can copy it.
    }
  }

  return (
    <div class="grid gap-1.5">
      <label for={id} class="font-medium">
        {props.label}
      </label>
      <div class="flex flex-wrap gap-2">
        <input
          id={id}
          ref={input}
          readonly
          value={props.value}
          onFocus={() => input.select()}
          class="min-h-11 min-w-0 flex-1 basis-56 rounded-xl border border-line-strong bg-sunken px-3.5 font-mono text-sm"
        />
        <Button
          tone={props.button ? 'quiet' : 'primary'}
          onClick={copy}
          icon={copied() ? <Check size={18} /> : <Copy size={18} />}
        >
          {copied() ? t('common.copied') : (props.button ?? t('common.copy'))}
        </Button>
      </div>
    </div>
  );
}
