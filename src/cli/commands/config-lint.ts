// `bia config lint`: every fault of a configuration, of its identity schemas and mail templates, each with its place.

import { readConfigFile } from '../../config/file.ts';
import { ConfigError, type ConfigFault, faultToText, type LoadedConfig } from '../../config/load.ts';
import { siteOf } from '../../courier/write/site.ts';
import { checkTemplates } from '../../courier/write/template-check.ts';
import { TEMPLATE_REQUEST } from '../../courier/write/template-files.ts';
import { asBase } from '../../lib/url.ts';
import { createOutbound } from '../../outbound/outbound.ts';
import { readSource } from '../../outbound/source.ts';
import { createSchemaRegistry } from '../../schema/load.ts';
import type { Handler, Io } from '../line/command.ts';
import { configSources } from './config-files.ts';

export const lintConfig: Handler = async (invocation, { io, deps }) => {
  const sources = configSources(invocation, io);
  const { files } = sources;
  const loader = await deps.createLoader();
  let loaded: LoadedConfig;
  try {
    loaded = loader.load(sources);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return report(error.faults, [], { files, io });
  }
  const templates = await templateFaults(loaded);
  return report(
    [...(await schemaFaults(loaded, io)), ...templates.faults],
    [...loaded.warnings, ...templates.warnings],
    { files, io },
  );
};

/** What fails with any data is a fault; what failed with sample data may work with that of real people. */
async function templateFaults({ config, files }: LoadedConfig): Promise<{
  readonly faults: readonly ConfigFault[];
  readonly warnings: readonly ConfigFault[];
}> {
  const outbound = createOutbound();
  const publicUrl = asBase(config.serve.public.base_url ?? 'http://127.0.0.1:4433/');
  const findings = await checkTemplates(config, {
    publicUrl,
    site: siteOf(config, publicUrl),
    fetchText: (url) => outbound.request(url, TEMPLATE_REQUEST),
  });
  const toFault = placed(files);
  return {
    faults: findings.filter(({ isCertain }) => isCertain).map(toFault),
    warnings: findings
      .filter(({ isCertain }) => !isCertain)
      .map(({ path, reason }) => toFault({ path, reason: `with sample data: ${reason}` })),
  };
}

/** Adds where the value of the path stands; later files win. */
function placed(files: readonly string[]) {
  const readFiles = files.map(readConfigFile).reverse();
  return ({ path, reason }: { readonly path: readonly string[]; readonly reason: string }): ConfigFault => {
    const place = readFiles.flatMap((file) => file.place(path) ?? [])[0];
    return { key: path.join('.'), reason, ...(place ? { place } : {}) };
  };
}

async function schemaFaults({ config, files }: LoadedConfig, io: Io): Promise<readonly ConfigFault[]> {
  const outbound = createOutbound();
  const read = (url: string): Promise<string> =>
    readSource(url, (address) => outbound.request(address, { redirects: 3 }));
  const registry = await createSchemaRegistry({
    schemas: config.identity.schemas.map(({ id, url, selfservice_selectable }) => {
      return { id, url, isSelectable: selfservice_selectable };
    }),
    defaultId: config.identity.default_schema_id,
    readSource: read,
    ...(config.security.disallow_ref_in_identity_schemas ? {} : { readReference: read }),
    clock: { nowMs: io.nowMs },
  });
  const toFault = placed(files);
  return registry.failures().map(({ id, reason }) => {
    const index = String(config.identity.schemas.findIndex((schema) => schema.id === id));
    return toFault({ path: ['identity', 'schemas', index, 'url'], reason });
  });
}

function report(
  faults: readonly ConfigFault[],
  warnings: readonly ConfigFault[],
  of: { readonly files: readonly string[]; readonly io: Io },
): 0 | 1 {
  const { files, io } = of;
  const name = files.length === 0 ? 'the built-in configuration' : files.join(', ');
  for (const fault of inOrder(faults)) io.err(`${withFile(fault, files)}\n`);
  for (const warning of inOrder(warnings)) io.err(`warning: ${faultToText(warning)}\n`);
  if (faults.length === 0) {
    io.out(`${name} can be used.\n`);
    return 0;
  }
  io.err(`\n${faults.length === 1 ? '1 fault' : `${faults.length} faults`} in ${name}\n`);
  return 1;
}

/** A key that is missing has no place: then the file alone says where to write it. */
function withFile(fault: ConfigFault, files: readonly string[]): string {
  const [only] = files;
  const isNamed = fault.place !== undefined || fault.key === '';
  return `${isNamed || only === undefined || files.length > 1 ? '' : `${only}: `}${faultToText(fault)}`;
}

/** From top to bottom, as one mends a file. */
function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const rank = ({ place }: ConfigFault): number => (place ? place.line * 10_000 + place.column : 0);
  return [...faults].sort(
    (a, b) => (a.place?.file ?? '').localeCompare(b.place?.file ?? '') || rank(a) - rank(b),
  );
}
