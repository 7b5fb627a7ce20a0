// node:http, node:https and node:tls, without what an import of them would bring along.
import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Tls from 'node:tls';

/**
 * An `import` reads every member of a built-in module, and those of node:http that speak WebSocket load a whole client for it.
 * Measured: a twentieth of a second of each start, and 12 MiB for as long as the server runs.
 */
export const http: typeof Http = process.getBuiltinModule('node:http');

/** Read by whoever encrypts. Measured: 10 ms of each start of a server behind a proxy, which never does. */
export const https = (): typeof Https => process.getBuiltinModule('node:https');
export const tls = (): typeof Tls => process.getBuiltinModule('node:tls');
