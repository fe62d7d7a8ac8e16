import { type Accessor, createSignal } from 'solid-js';
import { toUserFacing } from '~/api';
import { errorText } from '~/i18n';

export type Form = {
  /** From the first try on, what is wrong with a field is shown. */
  isTried: Accessor<boolean>;
  isBusy: Accessor<boolean>;
  /** What went wrong with the whole. */
  problem: Accessor<string | null>;
  setProblem(words: string | null): void;
  submit(event?: Event): Promise<void>;
};

/** A form's way: checked, sent once, and its refusal in words. */
export function createForm(isValid: () => boolean, send: () => Promise<unknown>): Form {
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);
  return {
    isTried,
    isBusy,
    problem,
    setProblem,
    async submit(event) {
      event?.preventDefault();
      setTried(true);
      setProblem(null);
      if (isBusy() || !isValid()) return;
      setBusy(true);
      try {
        await send();
        setTried(false);
      } catch (thrown) {
        setProblem(errorText(toUserFacing(thrown)));
      } finally {
        setBusy(false);
      }
    },
  };
}
