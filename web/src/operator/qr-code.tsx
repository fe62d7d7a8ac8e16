import encodeQR from 'qr';

/** Light modules around a code, so that a camera finds it (ISO/IEC 18004 asks for four). */
const QUIET_MODULES = 4;

/** A text for a camera, black on white in every theme. */
export function QrCode(props: { text: string; label: string }) {
  const modules = () => encodeQR(props.text, 'raw', { ecc: 'medium', border: QUIET_MODULES });
  const side = () => modules().length;
  return (
    <svg
      viewBox={`0 0 ${side()} ${side()}`}
      class="size-36 bg-white"
      shape-rendering="crispEdges"
      role="img"
      aria-label={props.label}
    >
      <path fill="#000" d={pathOf(modules())} />
    </svg>
  );
}

/** The dark modules as one path, a run of them in a row as one rectangle. */
function pathOf(modules: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      runs.push(`M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`);
    }
  });
  return runs.join('');
}
