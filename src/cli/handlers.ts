// Which code runs a command. Loaded when it is asked for: `bia version` must not wait for a server to be read.
import type { Handler } from './command.ts';

export const HANDLERS: Readonly<Record<string, () => Promise<Handler>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  'courier watch': async () => (await import('./courier.ts')).watchCourier,
  'jsonnet lint': async () => (await import('./jsonnet.ts')).lintJsonnet,
  'jsonnet format': async () => (await import('./jsonnet.ts')).formatJsonnet,
  'migrate sql up': async () => (await import('./migrate.ts')).migrateUp,
  'migrate sql down': async () => (await import('./migrate.ts')).migrateDown,
  'migrate sql status': async () => (await import('./migrate.ts')).migrateStatus,
  'config lint': async () => (await import('./config-lint.ts')).lintConfig,
  'config show': async () => (await import('./config-show.ts')).showConfig,
  'identities list': async () => (await import('./identities.ts')).listIdentities,
  'identities get': async () => (await import('./identities.ts')).getIdentities,
  'identities create': async () => (await import('./identities.ts')).createIdentity,
  'identities delete': async () => (await import('./identities.ts')).deleteIdentities,
  'identities recover': async () => (await import('./recover.ts')).recoverIdentity,
  'identities import': async () => (await import('./import.ts')).importIdentities,
  'identities validate': async () => (await import('./validate.ts')).validateIdentities,
  'sessions list': async () => (await import('./sessions.ts')).listSessions,
  'sessions revoke': async () => (await import('./sessions.ts')).revokeSessions,
  'courier preview': async () => (await import('./courier-preview.ts')).previewMessage,
  'courier templates export': async () => (await import('./courier-preview.ts')).exportTemplates,
  'remote status': async () => (await import('./remote.ts')).remoteStatus,
  'remote version': async () => (await import('./remote.ts')).remoteVersion,
  version: async () => (await import('./version.ts')).showVersion,
};
