import { Button } from './button.tsx';

/** The end of a dialog that asks before something that cannot be undone. Without `onYes` it sends the form that it is in. */
export function Choice(props: { yes: string; no: string; onYes?: () => void; onNo: () => void; busy?: boolean }) {
  return (
    <div class="flex flex-col-reverse gap-3 sm:flex-row">
      {/* First in the order of focus is the choice that changes nothing. */}
      <Button tone="quiet" wide onClick={props.onNo}>
        {props.no}
      </Button>
      <Button
        type={props.onYes ? 'button' : 'submit'}
        tone="danger"
        wide
        busy={props.busy ?? false}
        onClick={() => props.onYes?.()}
      >
        {props.yes}
      </Button>
    </div>
  );
}
