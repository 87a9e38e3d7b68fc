// A real Bluesky server (PDS) with a directory of identities, on loopback, until it is stopped.
// npm install @atproto/pds @did-plc/server, and start it in the directory where that was done.
import { createRequire } from 'node:module'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'

const from = createRequire(join(process.cwd(), 'package.json'))
const [port, directory] = [Number(process.env.PORT ?? 2583), Number(process.env.PORT ?? 2583) - 1]
const { PlcServer, Database } = from('@did-plc/server')
const { Secp256k1Keypair } = from('@atproto/crypto')

await PlcServer.create({ db: Database.mock(), port: directory }).start()
const data = mkdtempSync(join(tmpdir(), 'pds-'))
const key = await Secp256k1Keypair.create({ exportable: true })
Object.assign(process.env, {
  PDS_PORT: String(port),
  PDS_HOSTNAME: 'localhost',
  PDS_DEV_MODE: 'true',
  PDS_DATA_DIRECTORY: data,
  PDS_BLOBSTORE_DISK_LOCATION: join(data, 'blobs'),
  PDS_DID_PLC_URL: `http://127.0.0.1:${directory}`,
  PDS_JWT_SECRET: randomBytes(16).toString('hex'),
  PDS_ADMIN_PASSWORD: randomBytes(16).toString('hex'),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: Buffer.from(await key.export()).toString('hex'),
  PDS_INVITE_REQUIRED: 'false',
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_DISABLE_SSRF_PROTECTION: 'true',
  PDS_BLOB_UPLOAD_LIMIT: '104857600',
  LOG_ENABLED: 'false',
})
const { PDS, envToCfg, envToSecrets, readEnv } = from('@atproto/pds')
const env = readEnv()
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()
console.log(`http://localhost:${port}`)
