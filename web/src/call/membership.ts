// Which call this very tab takes part in; a reload keeps it, another tab or device does not have it.

const KEY = 'parlour.call';

export function rememberCall(callId: number): void {
  sessionStorage.setItem(KEY, String(callId));
}

export function isRemembered(callId: number): boolean {
  return sessionStorage.getItem(KEY) === String(callId);
}

export function forgetCall(): void {
  sessionStorage.removeItem(KEY);
}
