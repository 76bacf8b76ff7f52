// Import this before any server package: they call listen(port) alone, which would open the port
// on every interface of the machine. Here such a call binds 127.0.0.1.
import net from 'node:net'

const listen = net.Server.prototype.listen

net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number') {
    const hasHost = typeof rest[0] === 'string'
    return listen.call(this, first, ...(hasHost ? rest : ['127.0.0.1', ...rest]))
  }
  if (first !== null && typeof first === 'object' && first.port !== undefined && !first.host) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  return listen.call(this, first, ...rest)
}
