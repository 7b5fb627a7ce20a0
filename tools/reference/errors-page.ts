// docs/reference/errors.md: every refusal with its id, status and texts.
import { type ApiError, statusText } from '../../src/protocol/api-error.ts';
import { ERROR_SAMPLES } from './error-samples.ts';
import { code, GENERATED, page, table } from './markdown.ts';

export function errorsPage(): string {
  const all = Object.values(ERROR_SAMPLES);
  const named = all.filter(({ id }) => id !== '').sort((a, b) => compare(a.id, b.id) || a.status - b.status);
  const unnamed = all.filter(({ id }) => id === '').sort((a, b) => a.status - b.status);
  return page(
    '# Errors',
    GENERATED,
    INTRODUCTION,
    '## With an id',
    'Ids are part of the API: they stay as they are and are never used for something else. The header `Ory-Error-Id` repeats them.',
    table(
      ['id', 'status', 'message', 'reason', 'more'],
      named.map((error) => [code(error.id), status(error), error.message, error.reason ?? '', more(error)]),
    ),
    '## Without an id',
    'The protocol gives these no id. Tell them apart by status and place.',
    table(
      ['status', 'message', 'reason', 'more'],
      unnamed.map((error) => [status(error), error.message, error.reason ?? '', more(error)]),
    ),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const status = (error: ApiError): string => `${error.status} ${statusText(error.status)}`;

/** Members that come with it: below `error.details`, and beside `error`. */
function more({ details, beside }: ApiError): string {
  return [
    ...Object.keys(details ?? {}).map((key) => code(`error.details.${key}`)),
    ...Object.keys(beside ?? {}).map(code),
  ].join(', ');
}

const INTRODUCTION = `What people can mend (a wrong password, a missing field) is no error: it comes back as messages on the form, see [messages](messages.md). Errors are for callers: the request was wrong, or the state of things forbids it.

\`\`\`json
{
  "error": {
    "id": "session_inactive",
    "code": 401,
    "status": "Unauthorized",
    "request": "the X-Request-ID that you sent",
    "reason": "No active session was found in this request.",
    "message": "You are not signed in."
  }
}
\`\`\`

\`id\`, \`request\`, \`reason\` and \`details\` are left out where there is nothing to say; \`code\` and \`message\` are always there. Some errors carry members beside \`error\`, such as \`redirect_browser_to\` (open this address in the browser) and \`use_flow_id\` (a new attempt that takes the place of an expired one).

A person in a browser does not see JSON: they are sent to the place that helps, or to the error page, which reads the error from \`GET /self-service/errors?id=\`.

Texts in parentheses stand for what differs from case to case.`;
