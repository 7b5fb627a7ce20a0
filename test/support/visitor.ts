// A person who looks at pages in a real browser. What the pages must never do, such as breaking their own rules, fails here.
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PASSWORD, type TestScope } from './server.ts';

export interface Visitor {
  readonly page: Page;
  /** The headline of the present page. */
  readonly heading: () => Promise<string>;
  readonly press: (button: string) => Promise<void>;
  readonly follow: (link: string) => Promise<void>;
  readonly fill: (values: Readonly<Record<string, string>>) => Promise<void>;
  readonly signUp: (email: string) => Promise<void>;
  readonly signIn: (email: string, password?: string) => Promise<void>;
}

/** Someone with a browser profile of their own, at the front door of the server. */
export async function visit(
  scope: TestScope,
  of: { readonly browser: Browser; readonly url: string; readonly options?: BrowserContextOptions },
): Promise<Visitor> {
  const context = await of.browser.newContext({ viewport: { width: 1280, height: 800 }, ...of.options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${page.url()})`);
  });
  // Violations of the Content-Security-Policy and missing files are written to the console.
  scope.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  const press = (button: string) => page.getByRole('button', { name: button, exact: true }).click();
  const follow = (link: string) => page.getByRole('link', { name: link, exact: true }).click();
  const fill = async (values: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(values)) await page.getByLabel(label).fill(value);
  };
  await page.goto(of.url);
  return {
    page,
    heading: () => textOf(page.getByRole('heading', { level: 1 })),
    press,
    follow,
    fill,
    signUp: async (email) => {
      await page.goto(`${of.url}self-service/registration/browser`);
      await fill({ 'E-mail address': email, Password: PASSWORD });
      await press('Create account');
      await page.getByText(`Signed in as ${email}`).waitFor();
    },
    signIn: async (email, password = PASSWORD) => {
      await page.goto(`${of.url}self-service/login/browser`);
      await fill({ 'E-mail address': email, Password: password });
      await press('Sign in');
    },
  };
}

/** The words of an element that must be there. */
export async function textOf(element: Locator): Promise<string> {
  return (await element.textContent()) ?? '';
}
