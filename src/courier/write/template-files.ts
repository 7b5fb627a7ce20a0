// The templates of an operator: read from configured addresses and from the override folder, and compiled.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/schema.ts';
import { languageTag } from '../../locale/language.ts';
import type { Locale } from '../../locale/locale.ts';
import { type FetchText, readSource, SOURCE_LIMIT_BYTES } from '../../outbound/source.ts';
import { compileTemplate, type Template } from '../gotmpl/template.ts';
import type { TemplateSource } from '../gotmpl/template-error.ts';
import type { ValueMap } from '../gotmpl/value.ts';
import { LAYOUT_FILE, readBuiltin } from './builtin.ts';
import { configuredUri, type TemplatePart } from './template-part.ts';

/** What there is for one text; the default may be missing while a language has its own. */
export interface OwnTemplates {
  readonly main: Template | undefined;
  readonly byLanguage: ReadonlyMap<string, Template>;
}

/** People wait for their code while a template is fetched. */
export const TEMPLATE_REQUEST = { redirects: 3, timeoutMs: 5_000, maxBytes: SOURCE_LIMIT_BYTES };

const NONE: OwnTemplates = { main: undefined, byLanguage: new Map() };

/** The one of the first of these languages, else the default. */
export const ownFor = (own: OwnTemplates, languages: readonly string[]): Template | undefined =>
  languages.flatMap((tag) => own.byLanguage.get(tag) ?? [])[0] ?? own.main;

export function compileBuiltin({ file }: TemplatePart, locale: Locale): Template | undefined {
  const [source, layout] = [readBuiltin(`${file}.gotmpl`, locale), readBuiltin(LAYOUT_FILE, locale)];
  return source && compileTemplate(source, layout ? [layout] : []);
}

/** HTML is escaped, plain text is not. Throws TemplateError. */
export const write = (template: Template, { part }: TemplatePart, model: ValueMap): string =>
  part === 'html' ? template.html(model) : template.text(model);

type Courier = Pick<Config, 'courier'>;

/** Reads and compiles what replaces one text. Throws TemplateError, or an Error that names the address. */
export async function readOwnTemplates(
  config: Courier,
  part: TemplatePart,
  fetchText: FetchText,
): Promise<OwnTemplates> {
  const uri = configuredUri(config, part);
  const ownLayout = await readOwnLayout(config);
  const layout = [readBuiltin(LAYOUT_FILE), ownLayout].flatMap((source) => source ?? []);
  if (uri !== undefined) {
    const text = await readSource(uri, fetchText);
    return { ...NONE, main: compileTemplate({ name: sourceName(uri, part), text }, layout) };
  }
  const folder = config.courier.template_override_path;
  const own = folder ? await readFolder(folder, part, layout) : NONE;
  const builtin = ownLayout && !own.main ? readBuiltin(`${part.file}.gotmpl`) : undefined;
  return builtin ? { ...own, main: compileTemplate(builtin, layout) } : own;
}

/** A base64:// address is its own content: errors name the key instead. */
const sourceName = (uri: string, part: TemplatePart): string =>
  uri.startsWith('base64://') ? `${part.file}.gotmpl` : uri.replace(/^file:\/\//, '');

/** Sibling files `email.body.*.gotmpl` are parsed together, so that one can call another (docs/protocol/platform.md 4.4). */
async function readFolder(
  root: string,
  part: TemplatePart,
  layout: readonly TemplateSource[],
): Promise<OwnTemplates> {
  const folder = path.join(root, path.dirname(part.file));
  const prefix = path.basename(part.file);
  const names = (await namesIn(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.gotmpl'));
  const sources = await Promise.all(
    names.map(async (name) => ({
      name,
      file: path.join(folder, name),
      text: await readFile(path.join(folder, name), 'utf8'),
    })),
  );
  const compile = (main: TemplateSource): Template =>
    compileTemplate(main, [...layout, ...sources.filter((source) => source !== main)]);
  const main = sources.find(({ name }) => name === `${prefix}.gotmpl`);
  const byLanguage = sources.flatMap((source) => {
    const tag = languageTag(source.name.slice(prefix.length + 1, -'.gotmpl'.length));
    // A default that calls the file by its name chooses the language itself.
    const isCalled = main?.text.includes(`"${source.name}"`) ?? false;
    return tag === undefined || isCalled ? [] : [[tag, compile(source)] as const];
  });
  return { main: main && compile(main), byLanguage: new Map(byLanguage) };
}

/** A folder holds only what it replaces. */
const namesIn = async (folder: string): Promise<readonly string[]> =>
  existsSync(folder) ? (await readdir(folder)).sort() : [];

/** What the built-in templates share, as the operator wants it. */
async function readOwnLayout({ courier }: Courier): Promise<TemplateSource | undefined> {
  const file = path.join(courier.template_override_path ?? '', LAYOUT_FILE);
  if (!courier.template_override_path || !existsSync(file)) return undefined;
  return { name: file, text: await readFile(file, 'utf8') };
}
