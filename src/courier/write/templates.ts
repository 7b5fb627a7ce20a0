// Which template writes a text: the operator's own while it works, the built-in one otherwise.
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Locales } from '../../locale/locales.ts';
import type { FetchText } from '../../outbound/source.ts';
import type { Template } from '../gotmpl/template.ts';
import type { ValueMap } from '../gotmpl/value.ts';
import { compileBuiltin, type OwnTemplates, ownFor, readOwnTemplates, write } from './template-files.ts';
import type { TemplatePart } from './template-part.ts';

export interface Reader {
  /** The nearest first. */
  readonly languages: readonly string[];
  /** Flows write to unknown addresses too, so that these cost the same; what fails for lack of an identity is no fault. */
  readonly isNobody: boolean;
}

export interface Templates {
  /** Undefined where there is no such text at all. */
  readonly render: (part: TemplatePart, model: ValueMap, reader: Reader) => Promise<string | undefined>;
}

export interface TemplatesOptions {
  readonly config: Pick<Config, 'courier'>;
  readonly clock: Clock;
  readonly fetchText: FetchText;
  readonly log: Pick<Log, 'error'>;
  readonly locales: Locales;
}

/** A changed template is in use after this time; a service that holds templates is asked no more often. */
const KEPT_MS = 60_000;

interface Kept {
  readonly untilMs: number;
  readonly own: OwnTemplates | undefined;
}

/** Templates by part. What an operator got wrong is logged, and people still get their code: by the last good text, or by ours. */
export function createTemplates({ config, clock, fetchText, log, locales }: TemplatesOptions): Templates {
  const kept = new Map<string, Kept>();
  const loading = new Map<string, Promise<OwnTemplates | undefined>>();
  const builtins = new Map<string, Template>();

  async function load(key: string, part: TemplatePart, before: OwnTemplates | undefined) {
    const own = await readOwnTemplates(config, part, fetchText).catch((error: unknown) => {
      log.error('a template cannot be used; the last good or the built-in one is', { template: key, error });
      return before;
    });
    kept.set(key, { own, untilMs: clock.nowMs() + KEPT_MS });
    loading.delete(key);
    return own;
  }

  function ownOf(part: TemplatePart): Promise<OwnTemplates | undefined> {
    const key = part.file;
    const known = kept.get(key);
    if (known && clock.nowMs() < known.untilMs) return Promise.resolve(known.own);
    // Many messages at once ask once.
    const pending = loading.get(key) ?? load(key, part, known?.own);
    loading.set(key, pending);
    return pending;
  }

  function builtinOf(part: TemplatePart, languages: readonly string[]): Template | undefined {
    const locale = locales.find(languages) ?? locales.fallback;
    const key = `${locale.language} ${part.file}`;
    const known = builtins.get(key);
    if (known) return known;
    const made = compileBuiltin(part, locale);
    if (made) builtins.set(key, made);
    return made;
  }

  return {
    render: async (part, model, { languages, isNobody }) => {
      const own = await ownOf(part);
      const chosen = own && ownFor(own, languages);
      if (chosen) {
        try {
          return write(chosen, part, model);
        } catch (error) {
          if (!isNobody)
            log.error('a template failed; the built-in one is used', { template: part.file, error });
        }
      }
      const builtin = builtinOf(part, languages);
      return builtin && write(builtin, part, model);
    },
  };
}
