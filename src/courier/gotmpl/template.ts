// Template files -> something that renders text or HTML from a model.
import { FUNCTION_NAMES, FUNCTIONS } from './functions.ts';
import { createHtmlPlace } from './html-place.ts';
import type { Definition } from './nodes.ts';
import { parseTemplate } from './parser.ts';
import { FunctionError, type Output, runTemplate } from './run.ts';
import { TemplateError, type TemplateSource } from './template-error.ts';
import { toText, type Value } from './value.ts';

export interface Template {
  /** As text/template would print it. Throws TemplateError. */
  readonly text: (model: Value) => string;
  /** As html/template would: what the model holds is escaped for the place where it stands. Throws TemplateError. */
  readonly html: (model: Value) => string;
}

/** Longer than any mail that is delivered. */
const MAX_SOURCE_LENGTH = 512 * 1024;
const MAX_OUTPUT_LENGTH = 1024 * 1024;

/** The file `main`, with what the others define at hand; of two definitions with one name the later wins. Throws TemplateError. */
export function compileTemplate(main: TemplateSource, others: readonly TemplateSource[] = []): Template {
  const definitions = new Map<string, Definition>();
  for (const source of [...others, main]) {
    if (source.text.length > MAX_SOURCE_LENGTH) throw new TemplateError(source, 0, 'this file is too large');
    for (const definition of parseTemplate(source, FUNCTION_NAMES))
      definitions.set(definition.name, definition);
  }
  const run = (model: Value, output: Output): void =>
    runTemplate(main.name, model, { definitions, functions: FUNCTIONS, output });
  return {
    text: (model) => {
      const collected = collect();
      run(model, {
        literal: collected.add,
        value: (value) => collected.add(value === undefined ? '<no value>' : toText(value)),
      });
      return collected.text();
    },
    html: (model) => {
      const collected = collect();
      const place = createHtmlPlace();
      run(model, {
        literal: (text) => {
          place.read(text);
          collected.add(text);
        },
        value: (value) => collected.add(place.escape(value)),
      });
      return collected.text();
    },
  };
}

function collect(): { readonly add: (text: string) => void; readonly text: () => string } {
  let all = '';
  return {
    add: (text) => {
      all += text;
      if (all.length > MAX_OUTPUT_LENGTH)
        throw new FunctionError('this template writes too much: it was stopped');
    },
    text: () => all,
  };
}
