// The list of identities: filters, pages, and how much of each is shown (docs/protocol/http.md 5.1).

import type { Credential, FullIdentity } from '../../../identity/identity.ts';
import type { IdentityFilter, IdentityStore } from '../../../identity/store.ts';
import { fullIdentityToJson, identityToAdminJson } from '../../../identity/view.ts';
import type { Sealer } from '../../../lib/cipher.ts';
import { type IdentityId, parseUuid } from '../../../lib/ids.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { badRequest } from '../../../protocol/refusals.ts';
import { lookupForms, normaliseIdentifier } from '../../../schema/normalise.ts';
import { type KeySetRules, keySetLinks, readKeySetPage } from '../../paging/key-set-pages.ts';
import { numberedHeaders, readNumberedPage } from '../../paging/numbered-pages.ts';
import { ownParameters } from '../../paging/own-parameters.ts';
import { type HttpAnswer, jsonAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';

export interface IdentityListDeps {
  /** For reading, outside of transactions. */
  readonly identities: IdentityStore;
  /** Of page tokens of this list. */
  readonly pageSealer: Sealer;
  /** Public base address, ending in a slash. */
  readonly publicUrl: string;
  /** Types that may be asked for. */
  readonly credentialTypes: readonly string[];
  /** The config of a credential as administrators see it. */
  readonly showConfig: (credential: Credential) => JsonObject;
}

const PATH = '/admin/identities';
const MAX_IDS = 500;
/** What links to other pages repeat. */
const OWN_PARAMETERS = [
  'ids',
  'organization_id',
  'credentials_identifier',
  'preview_credentials_identifier_similar',
  'include_credential',
  'consistency',
];
const PAGES = { defaultSize: 250, maxSize: 500 };

/** Types whose stored config is to be shown. Throws 400 for a type that the protocol does not have. */
export function readIncluded(
  { credentialTypes }: Pick<IdentityListDeps, 'credentialTypes'>,
  query: URLSearchParams,
): readonly string[] {
  const included = query.getAll('include_credential');
  for (const type of included) {
    if (!credentialTypes.includes(type)) throw badRequest(`There is no credential type "${type}".`);
  }
  return included;
}

export async function listIdentities(deps: IdentityListDeps, context: HttpContext): Promise<HttpAnswer> {
  const { query } = context;
  const asked: Asked = { query, filter: readFilter(query), included: readIncluded(deps, query) };
  const isNumbered = query.has('page') && !query.has('page_token') && !query.has('page_size');
  return isNumbered ? numberedPage(deps, asked) : keySetPage(deps, asked);
}

interface Asked {
  readonly query: URLSearchParams;
  readonly filter: IdentityFilter;
  readonly included: readonly string[];
}

async function keySetPage(deps: IdentityListDeps, asked: Asked): Promise<HttpAnswer> {
  const rules: KeySetRules = { ...PAGES, sealer: deps.pageSealer };
  const page = readKeySetPage(asked.query, rules);
  // One more than is shown tells whether there is another page.
  const found = await deps.identities.list({
    filter: asked.filter,
    limit: page.size + 1,
    ...(page.after ? { afterId: page.after } : {}),
  });
  const onPage = found.slice(0, page.size);
  const next = found.length > page.size ? onPage.at(-1)?.id : undefined;
  const links = keySetLinks(linked(asked.query), { size: page.size, next }, rules);
  return jsonAnswer(200, toJson(deps, onPage, asked), links);
}

async function numberedPage(deps: IdentityListDeps, asked: Asked): Promise<HttpAnswer> {
  const { filter, query } = asked;
  const page = readNumberedPage(query);
  const found = await deps.identities.list({ filter, offset: page.offset, limit: page.size });
  const total = await deps.identities.count(filter);
  return jsonAnswer(200, toJson(deps, found, asked), numberedHeaders(linked(query), page, total));
}

const linked = (query: URLSearchParams) => ({ path: PATH, query: ownParameters(query, OWN_PARAMETERS) });

function toJson({ publicUrl, showConfig }: IdentityListDeps, found: readonly FullIdentity[], asked: Asked) {
  const looksAtIdentifiers = asked.filter.identifiers ?? asked.filter.identifierPrefix;
  const showsCredentials = looksAtIdentifiers !== undefined || asked.included.length > 0;
  return found.map((identity) =>
    showsCredentials
      ? fullIdentityToJson(identity, { publicUrl, showConfig }, asked.included)
      : identityToAdminJson(identity, { publicUrl }),
  );
}

/** Throws 400 for more than one filter, and for ids that are none. */
function readFilter(query: URLSearchParams): IdentityFilter {
  const ids = query.getAll('ids').filter((id) => id !== '');
  const organization = query.get('organization_id') ?? '';
  const identifier = query.get('credentials_identifier') ?? '';
  const prefix = query.get('preview_credentials_identifier_similar') ?? '';
  const filters: IdentityFilter[] = [];
  if (ids.length > 0) filters.push({ ids: identityIds(ids) });
  if (organization !== '') filters.push({ organizationId: requireUuid('organization_id', organization) });
  if (identifier !== '') filters.push({ identifiers: lookupForms(identifier) });
  if (prefix !== '') filters.push({ identifierPrefix: prefixForm(prefix) });
  if (filters.length > 1) {
    throw badRequest(
      'Only one of ids, organization_id, credentials_identifier and preview_credentials_identifier_similar can be used at a time.',
    );
  }
  return filters[0] ?? {};
}

/** Nothing is left of unseen characters alone: as they are they stand for nobody, and not for everybody. */
const prefixForm = (typed: string): string => normaliseIdentifier(typed) || typed;

function identityIds(ids: readonly string[]): readonly IdentityId[] {
  if (ids.length > MAX_IDS) throw badRequest(`At most ${MAX_IDS} ids may be requested at once.`);
  return ids.map((id) => requireUuid<IdentityId>('ids', id));
}

function requireUuid<Id extends string>(name: string, text: string): Id {
  const id = parseUuid<Id>(text);
  if (!id) throw badRequest(`"${text}" is not a UUID (${name}).`);
  return id;
}
