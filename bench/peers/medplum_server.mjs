// A peer: @medplum/hl7 receiving MLLP, one PostgreSQL commit a message, answered after the commit.
// node medplum_server.mjs PORT SOCKET_DIR PG_PORT
import { Hl7Server } from '@medplum/hl7';
import pg from 'pg';

const [port, host, pgPort] = process.argv.slice(2);
const pool = new pg.Pool({ host, port: Number(pgPort), user: 'postgres', database: 'postgres', max: 16 });
await pool.query('CREATE TABLE IF NOT EXISTS message (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), body text NOT NULL)');
const server = new Hl7Server((connection) => {
  connection.addEventListener('message', async ({ message }) => {
    await pool.query('INSERT INTO message (body) VALUES ($1)', [message.toString()]);
    connection.send(message.buildAck());
  });
});
await server.start(Number(port));
console.log('ready');
