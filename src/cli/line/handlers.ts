// Which code runs a command. Loaded when it is asked for: `bia version` must not wait for a server to be read.
import type { Handler } from './command.ts';

export const HANDLERS: Readonly<Record<string, () => Promise<Handler>>> = {
  serve: async () => (await import('../commands/serve.ts')).serveCommand,
  'courier watch': async () => (await import('../commands/courier.ts')).watchCourier,
  'jsonnet lint': async () => (await import('../commands/jsonnet.ts')).lintJsonnet,
  'jsonnet format': async () => (await import('../commands/jsonnet.ts')).formatJsonnet,
  'migrate sql up': async () => (await import('../commands/migrate.ts')).migrateUp,
  'migrate sql down': async () => (await import('../commands/migrate.ts')).migrateDown,
  'migrate sql status': async () => (await import('../commands/migrate.ts')).migrateStatus,
  'config lint': async () => (await import('../commands/config-lint.ts')).lintConfig,
  'config show': async () => (await import('../commands/config-show.ts')).showConfig,
  'identities list': async () => (await import('../commands/identities/identities.ts')).listIdentities,
  'identities get': async () => (await import('../commands/identities/identities.ts')).getIdentities,
  'identities create': async () => (await import('../commands/identities/identities.ts')).createIdentity,
  'identities delete': async () => (await import('../commands/identities/identities.ts')).deleteIdentities,
  'identities recover': async () => (await import('../commands/identities/recover.ts')).recoverIdentity,
  'identities import': async () => (await import('../commands/identities/import.ts')).importIdentities,
  'identities validate': async () => (await import('../commands/identities/validate.ts')).validateIdentities,
  'import kratos': async () => (await import('../commands/import-kratos.ts')).importKratos,
  'sessions list': async () => (await import('../commands/sessions.ts')).listSessions,
  'sessions revoke': async () => (await import('../commands/sessions.ts')).revokeSessions,
  'courier preview': async () => (await import('../commands/courier-preview.ts')).previewMessage,
  'courier templates export': async () => (await import('../commands/courier-preview.ts')).exportTemplates,
  'remote status': async () => (await import('../commands/remote.ts')).remoteStatus,
  'remote version': async () => (await import('../commands/remote.ts')).remoteVersion,
  version: async () => (await import('../commands/version.ts')).showVersion,
};
