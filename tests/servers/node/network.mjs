// The whole Bluesky network in one process: PDS, PLC, AppView and what they need. Started by
// ../bluesky.py with DB_POSTGRES_URL and REDIS_HOST (any text: nothing connects to it); prints "ready"
// when it answers. Argument: JSON {pdsPort, plcPort, appviewPort, schema}.
import './loopback.mjs'
import { TestNetwork } from '@atproto/dev-env'

const options = JSON.parse(process.argv[2])

const network = await TestNetwork.create({
  dbPostgresSchema: options.schema,
  pds: { port: options.pdsPort },
  plc: { port: options.plcPort },
  bsky: { port: options.appviewPort },
})

process.on('SIGTERM', () => {
  // The data are thrown away, so there is nothing to finish: close() would wait for the AppView.
  process.exit(0)
})
console.log('ready')
