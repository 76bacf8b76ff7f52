// A Bluesky PDS with its own PLC directory and no AppView: logins, records, blobs and rate limits are
// real, every app.bsky.* read answers 502. Started by ../bluesky.py; prints "ready" when it answers.
// Argument: JSON {pdsPort, plcPort, folder, adminPassword, jwtSecret, rateLimits}.
import './loopback.mjs'
import fs from 'node:fs'
import path from 'node:path'
import { Secp256k1Keypair } from '@atproto/crypto'
import { PDS } from '@atproto/pds'
import plcServer from '@did-plc/server'

const options = JSON.parse(process.argv[2])

const plc = plcServer.PlcServer.create({
  db: plcServer.Database.mock(),
  port: options.plcPort,
})
await plc.start()

const rotationKey = await Secp256k1Keypair.create({ exportable: true })
const dataDirectory = path.join(options.folder, 'data')
const blobstoreDiskLocation = path.join(options.folder, 'blobs')
fs.mkdirSync(dataDirectory)
fs.mkdirSync(blobstoreDiskLocation)

const pds = await PDS.fromEnv({
  devMode: true,
  port: options.pdsPort,
  dataDirectory,
  blobstoreDiskLocation,
  adminPassword: options.adminPassword,
  jwtSecret: options.jwtSecret,
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  didPlcUrl: `http://localhost:${options.plcPort}`,
  disableSsrfProtection: true,
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await rotationKey.export()).toString('hex'),
  bskyAppViewUrl: 'http://127.0.0.1:9', // nothing answers there: a PDS without its AppView
  bskyAppViewDid: 'did:example:appview',
  rateLimitsEnabled: options.rateLimits,
})
await pds.start()

process.on('SIGTERM', async () => {
  await pds.destroy()
  await plc.destroy()
  process.exit(0)
})
console.log('ready')
