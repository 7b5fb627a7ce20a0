// Is everything that people read translated? Missing and left-over texts of the built-in locale files are listed.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtinFiles, readMarked } from '../src/courier/write/builtin.ts';
import { sentencesOf } from '../src/courier/write/words-of-mail.ts';
import { readTranslation } from '../src/locale/locales.ts';
import * as methodRegistry from '../src/methods/registry.ts';
import { allMessages } from '../tools/reference/messages-page.ts';
import { ROOT } from './support/source-tree.ts';

const FOLDER = 'src/locale/translations';
const files = globSync(`${FOLDER}/*.json`, { cwd: ROOT }).filter((file) => !file.endsWith('/en.json'));

/** Their text is a title, a code, an address or a reason, which `texts` translates. */
const SPEAK_FOR_THEMSELVES = new Set([1050006, 1050009, 1050015, 1070000, 1070002, 4000001, 5000001]);

const literals = (pattern: string, match: RegExp): readonly string[] =>
  globSync(pattern, { cwd: ROOT })
    .filter((path) => !/\.test\.ts$|inbox|device-name|hints\.ts/.test(path))
    .flatMap((path) => {
      const code = readFileSync(join(ROOT, path), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
      return [...code.matchAll(match)].map(([, text = '']) => text);
    });

/** Words of pages stand in `text('…')`, or in tables of sentences that begin with a capital letter. */
const wanted = new Set([
  ...literals('src/pages/**/*.ts', /\btext\(\s*'((?:[^'\\]|\\.)*)'/g),
  ...literals('src/pages/**/*.ts', /'([A-Z][^'<>\n]*[a-z][^'<>\n]*)'/g),
  ...literals('src/methods/*/suggest.ts', /'([A-Z][^'\n]*[a-z][^'\n]*)'/g),
  ...Object.values(methodRegistry).flatMap(({ words = {} }) =>
    [words.section?.title, words.section?.about, words.section?.save, words.sends, words.signUp].flatMap(
      (text) => text ?? [],
    ),
  ),
  ...builtinFiles().flatMap((file) => sentencesOf(readMarked(file) ?? '')),
]);

test('there are German, French, Spanish and Arabic', () => {
  assert.deepEqual(files.map((file) => file.slice(FOLDER.length + 1, -'.json'.length)).sort(), [
    'ar',
    'de',
    'es',
    'fr',
  ]);
});

for (const file of files) {
  const { messages = {}, texts = {} } = readTranslation(join(ROOT, file));

  test(`${file} has every message and every text of pages, methods and mails`, () => {
    const ids = allMessages().map(({ message }) => message.id);
    const missing = [
      ...ids.filter((id) => !SPEAK_FOR_THEMSELVES.has(id) && messages[String(id)] === undefined).map(String),
      ...[...wanted].filter((text) => texts[text] === undefined),
    ];
    assert.deepEqual(missing, [], `Not translated:\n  ${missing.join('\n  ')}\n`);
  });

  test(`${file} translates no message that is gone`, () => {
    const known = new Set(allMessages().map(({ message }) => String(message.id)));
    assert.deepEqual(
      Object.keys(messages).filter((id) => !known.has(id)),
      [],
    );
  });

  test(`${file} uses the values of each text, and none besides`, () => {
    const contexts = new Map(
      allMessages().map(({ message }) => [String(message.id), Object.keys(message.context ?? {})]),
    );
    const names = (text: string): readonly string[] =>
      [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const verbs = (text: string): readonly string[] =>
      (text.match(/%(?:\[\d\])?[sd]/g) ?? []).map((verb) => verb.at(-1) ?? '').sort();
    const broken = [
      ...Object.entries(messages)
        .filter(([id, text]) => names(text).some((name) => !contexts.get(id)?.includes(name)))
        .map(([id]) => id),
      ...Object.entries(texts)
        .filter(([english, text]) => String(names(english).toSorted()) !== String(names(text).toSorted()))
        .map(([english]) => english),
      ...Object.entries(texts)
        .filter(([english, text]) => String(verbs(english)) !== String(verbs(text)))
        .map(([english]) => english),
    ];
    assert.deepEqual(broken, []);
  });
}
