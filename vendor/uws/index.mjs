import native from './index.cjs';

export default native;
export const { App, SSLApp, us_listen_socket_close, us_socket_local_port, DISABLED, SHARED_COMPRESSOR, getParts } =
  native;
