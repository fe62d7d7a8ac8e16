import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** By theme: everything in the one, and what another theme can break in the other. */
const RUNS = {
  light: { rules: { 'target-size': { enabled: true } } },
  dark: { runOnly: ['color-contrast'] },
} as const;

/** A font that is wider than ours, as a machine may show before ours is there. */
const WIDE_FONT = '* { font-family: "DejaVu Sans", Verdana, sans-serif !important }';

/**
 * What axe-core finds wrong with a page as it stands, in the light theme, in the dark one, and in the machine's own font;
 * empty when nothing.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  // A colour on its way to the other theme is no colour of either.
  await page.addStyleTag({
    content: '*, *::before, *::after { transition: none !important; animation: none !important }',
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    findings.push(...(await run(page, colorScheme, RUNS[colorScheme])));
  }
  await page.emulateMedia({ colorScheme: null });
  const wide = await page.addStyleTag({ content: WIDE_FONT });
  findings.push(...(await run(page, 'wide font', { runOnly: ['target-size'] })));
  await wide.evaluate((style) => (style as unknown as { remove(): void }).remove());
  return findings;
}

async function run(page: Page, name: string, options: object): Promise<string[]> {
  await page.evaluate(source); // past the content security policy, which allows no script of ours
  const violations = await page.evaluate(async (options) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    return (await axe.run(options)).violations;
  }, options);
  return violations.map(
    ({ id, nodes }) => `${name}: ${id} at ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`,
  );
}
