// The templates that Bia brings along: files beside this one, read when they are first needed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ENGLISH, type Locale } from '../../locale/locale.ts';
import type { TemplateSource } from '../gotmpl/template-error.ts';
import type { MessageType, TemplateName } from '../message.ts';
import { inLanguage } from './words-of-mail.ts';

export type PartName = 'subject' | 'plaintext' | 'html';

/** What all of them share; a file of this name in an override folder takes its place. */
export const LAYOUT_FILE = 'layout.gotmpl';

/** `recovery_code_valid` -> `recovery_code/valid` */
export const folderOf = (name: TemplateName): string => name.replace(/_(valid|invalid)$/, '/$1');

const EMAIL_FILES: Readonly<Record<PartName, string>> = {
  subject: 'email.subject',
  html: 'email.body',
  plaintext: 'email.body.plaintext',
};

/** Name of the file without `.gotmpl`, which a locale may stand before; undefined where a message has no such part. */
export function partFile(type: MessageType, part: PartName): string | undefined {
  if (type === 'email') return EMAIL_FILES[part];
  return part === 'plaintext' ? 'sms.body' : undefined;
}

const FOLDER = new URL('./builtin/', import.meta.url);

/** In that language. Undefined where there is none: nobody gets an SMS about an unknown number. */
export function readBuiltin(file: string, locale: Locale = ENGLISH): TemplateSource | undefined {
  const text = readMarked(file);
  return text === undefined ? undefined : { name: file, text: inLanguage(text, locale) };
}

/** With its sentences marked. */
export function readMarked(file: string): string | undefined {
  const url = new URL(file, FOLDER);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

/** Every file, by its path below the folder. */
export function builtinFiles(): readonly string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.gotmpl'))
    .sort();
}
