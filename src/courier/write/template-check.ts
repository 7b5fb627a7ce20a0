// What is wrong with the templates of an operator, found before anybody waits for a message.
import { existsSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import type { FetchText } from '../../outbound/source.ts';
import { TemplateError } from '../gotmpl/template-error.ts';
import { templateModel } from './model.ts';
import { sampleData } from './sample.ts';
import type { Site } from './site.ts';
import { readOwnTemplates, write } from './template-files.ts';
import { configPath, configuredUri, TEMPLATE_PARTS, type TemplatePart } from './template-part.ts';

export interface TemplateFinding {
  /** In the configuration. */
  readonly path: readonly string[];
  readonly reason: string;
  /** False where it only failed with the data of the sample. */
  readonly isCertain: boolean;
}

const OVERRIDES = ['courier', 'template_override_path'];

/** Reads and tries every template of the operator. Without `fetchText` those of other services are left out. */
export async function checkTemplates(
  config: Pick<Config, 'courier'>,
  of: { readonly site: Site; readonly publicUrl: string; readonly fetchText?: FetchText },
): Promise<readonly TemplateFinding[]> {
  const folder = config.courier.template_override_path;
  if (folder && !existsSync(folder)) {
    return [{ path: OVERRIDES, reason: `there is no folder ${folder}`, isCertain: true }];
  }
  const findings: TemplateFinding[] = [];
  for (const part of TEMPLATE_PARTS) {
    const uri = configuredUri(config, part);
    const isRemote = uri !== undefined && /^https?:/.test(uri);
    if ((uri === undefined && !folder) || (isRemote && !of.fetchText)) continue;
    try {
      await tryPart(config, part, of);
    } catch (error) {
      const isCertain = !(error instanceof TemplateError) || error.isCertain;
      const path = uri === undefined ? OVERRIDES : ['courier', 'templates', ...configPath(part)];
      findings.push({
        path,
        isCertain,
        reason: error instanceof Error ? error.message : 'it cannot be read',
      });
    }
  }
  // A file that several texts share is wrong once.
  return [...new Map(findings.map((finding) => [finding.reason, finding])).values()];
}

async function tryPart(
  config: Pick<Config, 'courier'>,
  part: TemplatePart,
  of: { readonly site: Site; readonly publicUrl: string; readonly fetchText?: FetchText },
): Promise<void> {
  const fetchText: FetchText = of.fetchText ?? (() => Promise.reject(new Error('nothing is fetched here')));
  const own = await readOwnTemplates(config, part, fetchText);
  const model = templateModel({ ...part, data: sampleData(part.type, of.publicUrl) }, of.site);
  for (const template of [...(own.main ? [own.main] : []), ...own.byLanguage.values()]) {
    write(template, part, model);
  }
}
