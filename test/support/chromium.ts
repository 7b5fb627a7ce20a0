// Finds a Chromium on this machine: the one that npm has brought along, else one that is named or installed.
import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import type { TestScope } from './server.ts';

interface Candidate {
  readonly what: string;
  readonly find: () => Promise<string>;
}

const CANDIDATES: readonly Candidate[] = [
  { what: 'the package @sparticuz/chromium', find: () => sparticuz.executablePath() },
  { what: 'the path in CHROMIUM', find: async () => process.env['CHROMIUM'] ?? '' },
  { what: '/usr/bin/chromium', find: async () => '/usr/bin/chromium' },
];

// Containers have neither the rights that the sandbox needs nor much shared memory; the only pages opened are our own.
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

/** A browser that is closed with the test. Fails with what was tried where none starts. */
export async function openChromium(scope: TestScope): Promise<Browser> {
  const failures: string[] = [];
  for (const { what, find } of CANDIDATES) {
    try {
      const executablePath = await find();
      if (!existsSync(executablePath)) throw new Error('there is no such file');
      const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
      scope.after(() => browser.close());
      return browser;
    } catch (error) {
      failures.push(`${what}: ${String(error).split('\n')[0]}`);
    }
  }
  throw new Error(
    `No Chromium starts here. Install one and name it in CHROMIUM. Tried were\n  ${failures.join('\n  ')}`,
  );
}
