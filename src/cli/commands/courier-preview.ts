// `bia courier preview` and `bia courier templates export`: messages as they would be sent, and the templates behind them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/schema.ts';
import { TemplateError } from '../../courier/gotmpl/template-error.ts';
import { type MessageType, TEMPLATE_NAMES, type TemplateName } from '../../courier/message.ts';
import { builtinFiles, readBuiltin } from '../../courier/write/builtin.ts';
import { languagesOf } from '../../courier/write/language.ts';
import { templateModel } from '../../courier/write/model.ts';
import { sampleData } from '../../courier/write/sample.ts';
import { siteOf } from '../../courier/write/site.ts';
import {
  compileBuiltin,
  ownFor,
  readOwnTemplates,
  TEMPLATE_REQUEST,
  write,
} from '../../courier/write/template-files.ts';
import { type TemplatePart, templatePart } from '../../courier/write/template-part.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { asBase } from '../../lib/url.ts';
import { localesOf } from '../../locale/configured.ts';
import { createOutbound } from '../../outbound/outbound.ts';
import { CommandError, type Handler, type Invocation, UsageError } from '../line/command.ts';
import { configSources } from './config-files.ts';

const PARTS = { html: 'html', text: 'plaintext', subject: 'subject' } as const;

export const previewMessage: Handler = async (invocation, { io, deps }) => {
  const part = partOf(invocation);
  const [, ...files] = invocation.positionals;
  const { config } = (await deps.createLoader()).load(
    configSources({ ...invocation, positionals: files }, io),
  );
  const publicUrl = asBase(config.serve.public.base_url ?? 'http://127.0.0.1:4433/');
  const data = { ...sampleData(part.type, publicUrl), ...(await givenData(invocation)) };
  const text = await render(part, {
    config,
    publicUrl,
    data: withLanguage(data, invocation.text('language')),
  });
  const output = invocation.text('output');
  if (output === undefined) io.out(text.endsWith('\n') ? text : `${text}\n`);
  else await writeFile(output, text);
  return 0;
};

function partOf(invocation: Invocation): TemplatePart {
  const [given = ''] = invocation.positionals;
  const name = TEMPLATE_NAMES.find((known) => known === given);
  if (!name)
    throw new UsageError(`there is no template "${given}"`, `there are: ${TEMPLATE_NAMES.join(', ')}`);
  const type: MessageType = invocation.text('type') === 'sms' ? 'sms' : 'email';
  const format = invocation.text('format');
  return knownPart(name, type, format === 'html' || format === 'subject' ? format : 'text');
}

function knownPart(name: TemplateName, type: MessageType, format: keyof typeof PARTS): TemplatePart {
  const part = templatePart(name, type, PARTS[format]);
  if (part) return part;
  throw new UsageError(`a text message has no ${format}`, 'leave --format out');
}

async function givenData(invocation: Invocation): Promise<JsonObject> {
  const file = invocation.text('data');
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file} cannot be read`);
  });
  let data: Json | undefined;
  try {
    data = JSON.parse(text);
  } catch {
    data = undefined;
  }
  if (!isJsonObject(data))
    throw new CommandError(`${file} must hold a JSON object, such as {"expires_in_minutes": 5}`);
  return data;
}

function withLanguage(data: JsonObject, language: string | undefined): JsonObject {
  if (language === undefined) return data;
  const identity = isJsonObject(data['identity']) ? data['identity'] : {};
  const traits = isJsonObject(identity['traits']) ? identity['traits'] : {};
  const spoken = { ...traits, locale: language };
  return { ...data, identity: { ...identity, traits: spoken }, traits: spoken };
}

async function render(
  part: TemplatePart,
  of: { readonly config: Config; readonly publicUrl: string; readonly data: JsonObject },
): Promise<string> {
  const { config, data } = of;
  const outbound = createOutbound({ disallowPrivate: config.clients.http.disallow_private_ip_ranges });
  try {
    const own = await readOwnTemplates(config, part, (url) => outbound.request(url, TEMPLATE_REQUEST));
    const languages = languagesOf({ data });
    const locales = localesOf(config);
    const template =
      ownFor(own, languages) ?? compileBuiltin(part, locales.find(languages) ?? locales.fallback);
    if (!template) throw new CommandError(`there is no ${part.type} of the kind ${part.templateName}`);
    const text = write(template, part, templateModel({ ...part, data }, siteOf(config, of.publicUrl)));
    return part.part === 'subject' ? text.trim() : text;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      reason,
      error instanceof TemplateError ? 'see docs/guides/mail-templates.md' : undefined,
    );
  }
}

export const exportTemplates: Handler = async (invocation, { io }) => {
  const [folder = ''] = invocation.positionals;
  for (const file of builtinFiles()) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    // What somebody has changed already stays.
    const isWritten = await writeFile(target, readBuiltin(file)?.text ?? '', { flag: 'wx' }).then(
      () => true,
      () => false,
    );
    io.out(`${isWritten ? 'wrote' : 'kept '} ${target}\n`);
  }
  io.out(`\nDelete what you do not change, and set courier.template_override_path to ${folder}\n`);
  return 0;
};
