// `bia config lint`: every fault of a configuration, of its identity schemas and mail templates, each with its place.

import { type ConfigFault, type Finding, faultToText } from '../../config/fault.ts';
import { readMergedFiles } from '../../config/file.ts';
import { kratosDifferences } from '../../config/kratos-differences.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { placedSchemaFaults } from '../../config/schema-places.ts';
import { siteOf } from '../../courier/write/site.ts';
import { checkTemplates } from '../../courier/write/template-check.ts';
import { TEMPLATE_REQUEST } from '../../courier/write/template-files.ts';
import { asBase } from '../../lib/url.ts';
import { createOutbound } from '../../outbound/outbound.ts';
import { readSource } from '../../outbound/source.ts';
import { createSchemaRegistry, type SchemaFailure } from '../../schema/load.ts';
import type { Handler, Io } from '../line/command.ts';
import { configSources } from './config-files.ts';

export const lintConfig: Handler = async (invocation, { io, deps }) => {
  const sources = configSources(invocation, io);
  const { files } = sources;
  const loader = await deps.createLoader();
  const { faults, loaded, isFaulty, toFault } = loader.inspect(sources);
  const differences = invocation.isOn('from-kratos')
    ? kratosDifferences(readMergedFiles(files), loader.schema).filter(({ path }) => !isFaulty(path))
    : [];
  for (const difference of inOrder(differences.map(toFault))) io.err(`differs: ${faultToText(difference)}\n`);
  if (!loaded) return report(faults, [], { files, io });
  // What can be read is looked at in the same round, so that nobody mends one fault to be told of the next.
  const found = { faults: [...faults], warnings: [...loaded.warnings] };
  const add = (list: ConfigFault[], findings: readonly Finding[]): void => {
    list.push(...findings.filter(({ path }) => !isFaulty(path)).map(toFault));
  };
  const schemas = placedSchemaFaults(loaded.config, await schemaFailures(loaded, io, isFaulty), toFault);
  // An address that cannot work was told already.
  const known = new Set(faults.map(({ key }) => key));
  found.faults.push(...schemas.filter(({ key }) => key === '' || !known.has(key)));
  const templates = await templateFindings(loaded);
  add(found.faults, templates.faults);
  add(found.warnings, templates.warnings);
  return report(found.faults, found.warnings, { files, io });
};

/** What fails with any data is a fault; what failed with sample data may work with that of real people. */
async function templateFindings({ config }: LoadedConfig): Promise<{
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}> {
  const outbound = createOutbound();
  const publicUrl = asBase(config.serve.public.base_url ?? 'http://127.0.0.1:4433/');
  const findings = await checkTemplates(config, {
    publicUrl,
    site: siteOf(config, publicUrl),
    fetchText: (url) => outbound.request(url, TEMPLATE_REQUEST),
  });
  return {
    faults: findings.filter(({ isCertain }) => isCertain),
    warnings: findings
      .filter(({ isCertain }) => !isCertain)
      .map(({ path, reason }) => ({ path, reason: `with sample data: ${reason}` })),
  };
}

/** Of the schemas that the configuration names as it should. */
async function schemaFailures(
  { config }: LoadedConfig,
  io: Io,
  isFaulty: (path: readonly string[]) => boolean,
): Promise<readonly SchemaFailure[]> {
  if (isFaulty(['identity', 'schemas'])) return [];
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
  return registry.failures();
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
  const isNamed = fault.place !== undefined || fault.variable !== undefined || fault.key === '';
  return `${isNamed || only === undefined || files.length > 1 ? '' : `${only}: `}${faultToText(fault)}`;
}

/** From top to bottom, as one mends a file. */
function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const rank = ({ place }: ConfigFault): number => (place ? place.line * 10_000 + place.column : 0);
  return [...faults].sort(
    (a, b) => (a.place?.file ?? '').localeCompare(b.place?.file ?? '') || rank(a) - rank(b),
  );
}
