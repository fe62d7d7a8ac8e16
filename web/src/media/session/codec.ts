/** Of the picture. libvpx's VP8 encoder waits for its threads by spinning; VP9's does not. */
export const VIDEO_CODEC = 'vp09.00.31.08';
