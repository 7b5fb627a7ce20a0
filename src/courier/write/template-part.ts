// One text of one message, and where an operator may have put another one for it.
import type { Config } from '../../config/schema.ts';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { type MessageType, TEMPLATE_NAMES, type TemplateName } from '../message.ts';
import { folderOf, type PartName, partFile } from './builtin.ts';

export interface TemplatePart {
  readonly templateName: TemplateName;
  readonly type: MessageType;
  readonly part: PartName;
  /** Below an override folder, without a language and without `.gotmpl`: `recovery_code/valid/email.body`. */
  readonly file: string;
}

export function templatePart(
  templateName: TemplateName,
  type: MessageType,
  part: PartName,
): TemplatePart | undefined {
  const file = partFile(type, part);
  return file === undefined
    ? undefined
    : { templateName, type, part, file: `${folderOf(templateName)}/${file}` };
}

/** Every text that there is. */
export const TEMPLATE_PARTS: readonly TemplatePart[] = TEMPLATE_NAMES.flatMap((templateName) =>
  (['email', 'sms'] as const).flatMap((type) =>
    (['subject', 'plaintext', 'html'] as const).flatMap(
      (part) => templatePart(templateName, type, part) ?? [],
    ),
  ),
);

/** The key below `courier.templates`: `recovery_code.valid.email.body.html`. */
export function configPath({ templateName, type, part }: TemplatePart): readonly string[] {
  const place = part === 'subject' ? ['subject'] : ['body', part];
  return [...folderOf(templateName).split('/'), type, ...place];
}

/** The address that the configuration gives for it. */
export function configuredUri({ courier }: Pick<Config, 'courier'>, part: TemplatePart): string | undefined {
  // The configuration came from JSON or YAML; its type has a name for each of these keys, but no index.
  const templates = courier.templates as Json;
  const found = configPath(part).reduce<Json | undefined>(
    (inner, key) => (isJsonObject(inner) ? inner[key] : undefined),
    templates,
  );
  return typeof found === 'string' && found !== '' ? found : undefined;
}
