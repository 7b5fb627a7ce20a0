// What node:http alone can do on this machine: a server that answers every request with as many bytes as whoami.
import { createServer } from 'node:http';

const body = `${JSON.stringify({ filler: 'x'.repeat(1000) })}\n`;
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length };

createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
