import { PICTURE_BYTES_MAX, PICTURE_PIXELS } from '@contract/limits.ts';
import ImagePlus from 'lucide-solid/icons/image-plus';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { useSession } from '~/state';
import { Avatar, Button, toast } from '~/ui';

const QUALITIES = [0.85, 0.7, 0.5];

/** A file as a square of PICTURE_PIXELS at most, small enough to upload; null when it is no picture. */
async function scaled(file: Blob): Promise<Blob | null> {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return null;
  const side = Math.min(image.width, image.height);
  const pixels = Math.min(PICTURE_PIXELS, side);
  const canvas = document.createElement('canvas');
  canvas.width = pixels;
  canvas.height = pixels;
  canvas
    .getContext('2d')
    ?.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, pixels, pixels);
  image.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (blob && blob.size <= PICTURE_BYTES_MAX) return blob;
  }
  return null;
}

/** One's picture: chosen from a file, cut to a square in the page, and shown at once. */
export function PictureField() {
  const session = useSession();
  const [isBusy, setBusy] = createSignal(false);
  let input!: HTMLInputElement;

  async function run(work: () => Promise<{ pictureUrl: string | null }>) {
    setBusy(true);
    try {
      session.update(await work());
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    } finally {
      setBusy(false);
    }
  }

  async function choose() {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    const picture = await scaled(file);
    if (!picture) return toast(t('error.bad_picture'), 'bad');
    await run(() => api.setPicture(picture));
  }

  return (
    <Show when={session.me()}>
      {(me) => (
        <div class="flex flex-wrap items-center gap-5">
          <Avatar name={me().displayName} personId={me().personId} pictureUrl={me().pictureUrl} size="lg" />
          <div class="flex flex-wrap gap-3">
            <input
              ref={input}
              type="file"
              accept="image/jpeg,image/png,image/webp"
              class="sr-only"
              tabindex="-1"
              aria-label={t('model.picture')}
              onChange={choose}
            />
            <Button tone="quiet" icon={<ImagePlus size={18} />} busy={isBusy()} onClick={() => input.click()}>
              {t(me().pictureUrl ? 'model.changePicture' : 'model.addPicture')}
            </Button>
            <Show when={me().pictureUrl}>
              <Button tone="plain" icon={<Trash size={18} />} busy={isBusy()} onClick={() => run(api.removePicture)}>
                {t('model.removePicture')}
              </Button>
            </Show>
          </div>
        </div>
      )}
    </Show>
  );
}
