/** Which browser's words to use for its permission settings. Only words hang on it, never behaviour. */
type BrowserKind = 'chromium' | 'firefox' | 'safari' | 'ios' | 'android' | 'other';

export function browserKind(userAgent: string): BrowserKind {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'ios';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Android/.test(userAgent)) return 'android';
  if (/Chrom(e|ium)\//.test(userAgent)) return 'chromium';
  return /Safari\//.test(userAgent) ? 'safari' : 'other';
}
