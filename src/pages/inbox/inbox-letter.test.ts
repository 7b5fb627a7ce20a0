import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CourierMessage } from '../../courier/message.ts';
import type { JsonObject } from '../../lib/json.ts';
import { toLetter } from './inbox-letter.ts';

const message = (templateData: JsonObject, body = ''): CourierMessage => ({
  id: '6f1c3e7a-8b0d-4c55-9a53-2f9d3d5b7e11',
  status: 'queued',
  type: 'email',
  channel: 'email',
  recipient: 'ada@example.org',
  subject: 'Hello',
  body,
  templateName: 'recovery_valid',
  templateData,
  requestHeaders: {},
  sendCount: 0,
  nextAttemptAtMs: 0,
  createdAtMs: 0,
  updatedAtMs: 0,
});

const LINK = 'http://127.0.0.1:4433/self-service/recovery?flow=1&token=2';

interface Row {
  readonly title: string;
  readonly of: CourierMessage;
  readonly codes: readonly string[];
  readonly links: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    title: 'a code, whatever it is for',
    of: message({ login_code: '123456', to: 'ada@example.org' }),
    codes: ['123456'],
    links: [],
  },
  {
    title: 'a link, but not the page that asked for it',
    of: message({ recovery_url: LINK, request_url: 'http://127.0.0.1:4433/self-service/recovery/browser' }),
    codes: [],
    links: [LINK],
  },
  {
    title: 'the same link in data and text is one, without the full stop of its sentence',
    of: message({ recovery_url: LINK }, `Open ${LINK}. Or visit (https://example.org/help)!`),
    codes: [],
    links: [LINK, 'https://example.org/help'],
  },
  {
    title: 'nothing that would run in the page',
    of: message({
      evil_url: 'javascript:alert(1)',
      data_url: 'data:text/html,x',
      empty_code: '',
      odd_code: 7,
    }),
    codes: [],
    links: [],
  },
];

for (const { title, of, codes, links } of ROWS) {
  test(`picked out of a message: ${title}`, () => {
    const letter = toLetter(of);
    assert.deepEqual(letter.codes, codes);
    assert.deepEqual(letter.links, links);
  });
}
