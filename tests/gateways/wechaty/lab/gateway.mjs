/**
 * The gateway the Wechaty team publishes, around an account whose whole WeChat is a JSON value.
 *
 *   node gateway.mjs --port P [--control C] [--token T] [--state FILE] [--logged-out] [--tls]
 *
 * `--port` speaks the puppet-service protocol, `--control` JSON over HTTP (0: any free port).
 * When both listen, one line of JSON with the two ports goes to stdout.
 *
 *   POST /op {"op": NAME, ...}   one of `operations` below
 *   GET  /actions?since=N        what the bot did, from the Nth on
 *   GET  /state                  the account's WeChat, and how often some calls came
 *
 * With `--state` every change of rooms, members and contacts, and what the bot did, is on disk
 * before it is answered, so a killed gateway starts again where it was, and the file may be edited
 * while it is down.
 */
import fs from 'node:fs'
import http from 'node:http'
import { parseArgs } from 'node:util'

import { PuppetMock } from 'wechaty-puppet-mock'
import { PuppetServer } from 'wechaty-puppet-service'

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' },
    control: { type: 'string', default: '0' },
    token: { type: 'string', default: 'lab' },
    state: { type: 'string' },
    'logged-out': { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
  },
})

const TEXT = 7
const FRIENDSHIP = { confirm: 1, receive: 2, verify: 3 }
const FROM_A_QR_CODE = 30
const KEPT_MESSAGES = 200_000
const PAYLOAD = { message: 1, contact: 2, room: 3, roomMember: 4 }

const emptyWorld = () => ({ self: 'bot', contacts: {}, rooms: {}, friendships: {}, serial: 0 })
let world = emptyWorld()
let loggedIn = !options['logged-out']
let messages = new Map()
let actions = []
let faults = {}
let counts = {}

const diary = options.state && `${options.state}.actions`

if (options.state && fs.existsSync(options.state)) {
  world = JSON.parse(fs.readFileSync(options.state, 'utf8'))
  // Messages since the last change were not written down; their ids must not come again.
  world.serial += KEPT_MESSAGES
}
if (diary && fs.existsSync(diary)) {
  actions = fs.readFileSync(diary, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
}

function note (action) {
  actions.push(action)
  if (diary) fs.appendFileSync(diary, `${JSON.stringify(action)}\n`)
}

function save () {
  if (!options.state) return
  fs.writeFileSync(`${options.state}.new`, JSON.stringify(world))
  fs.renameSync(`${options.state}.new`, options.state)
}

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
const known = (table, id, what) => {
  if (!Object.hasOwn(table, id)) throw new Error(`no such ${what}: ${id}`)
  return table[id]
}
const room = id => known(world.rooms, id, 'room')

function contact (id) {
  world.contacts[id] ??= { id, name: id }
  return world.contacts[id]
}

/** Fails as told: {times, when: 'before' | 'after', message, code, delayMs}. */
async function subject (method, act) {
  counts[method] = (counts[method] ?? 0) + 1
  const fault = faults[method]
  if (fault?.delayMs) await sleep(fault.delayMs)
  const failing = Boolean(fault?.times) && fault.times-- > 0
  const failure = () => {
    const error = new Error(fault.message ?? `${method} failed on purpose`)
    return fault.code === undefined
      ? error
      : Object.assign(error, { code: fault.code, details: error.message })
  }
  if (failing && fault.when !== 'after') throw failure()
  const result = await act()
  if (failing) throw failure()
  return result
}

class LabPuppet extends PuppetMock {

  async onStart () {
    await super.onStart()
    counts.start = (counts.start ?? 0) + 1
    if (loggedIn) setImmediate(() => { if (loggedIn && !this.isLoggedIn) this.login(world.self) })
  }

  async onStop () {
    counts.stop = (counts.stop ?? 0) + 1
    await super.onStop()
  }

  dirtyPayload (type, id) {
    counts.dirtyPayload = (counts.dirtyPayload ?? 0) + 1
    return super.dirtyPayload(type, id)
  }

  version () {
    counts.version = (counts.version ?? 0) + 1
    return super.version()
  }

  async contactList () { return Object.keys(world.contacts) }

  async contactRawPayload (id) {
    return subject('contactPayload', () => {
      const { name, friend } = known(world.contacts, id, 'contact')
      return { id, name, friend, gender: 0, type: 1, avatar: '', phone: [] }
    })
  }

  async roomList () { return subject('roomList', () => Object.keys(world.rooms)) }

  async roomRawPayload (id) {
    return subject('roomPayload', () => {
      const { topic, owner, admins, members } = room(id)
      return { id, topic, ownerId: owner, adminIdList: admins, memberIdList: members, avatar: '' }
    })
  }

  async roomMemberList (id) {
    return subject('roomMemberList', () => {
      const { members } = room(id)
      return faults.roomMemberList?.half ? members.slice(0, members.length >> 1) : members
    })
  }

  async roomMemberRawPayload (id, memberId) {
    return subject('roomMemberPayload', () => {
      if (!room(id).members.includes(memberId)) throw new Error(`${memberId} is not in ${id}`)
      const { name } = contact(memberId)
      return { id: memberId, name, roomAlias: room(id).aliases[memberId] ?? '', avatar: '' }
    })
  }

  async roomTopic (id, topic) {
    note({ did: topic === undefined ? 'getTopic' : 'setTopic', room: id, text: topic })
    if (topic === undefined) return room(id).topic
    return subject('setTopic', () => {
      room(id).topic = topic
      save()
      this.dirtyPayload(PAYLOAD.room, id)
    })
  }

  async roomAnnounce (id, text) {
    note({ did: text === undefined ? 'getAnnouncement' : 'announce', room: id, text })
    if (text === undefined) return room(id).announcement ?? ''
    room(id).announcement = text
    save()
  }

  async roomQRCode (id) {
    return subject('roomQRCode', () => {
      room(id)
      if (faults.roomQRCode?.empty) return ''
      world.serial += 1
      return `https://weixin.example/g/${id}?${world.serial}`
    })
  }

  /** Whom it invites joins at once. */
  async roomAdd (id, who) {
    return subject('roomAdd', () => {
      note({ did: 'invite', room: id, mentions: [who] })
      if (!room(id).members.includes(who)) operations.join({ room: id, who: [who], inviter: world.self })
    })
  }

  async roomCreate (people, topic) {
    return subject('roomCreate', () => {
      world.serial += 1
      const id = `new${world.serial}`
      note({ did: 'createRoom', room: id, text: topic, mentions: people })
      operations.room({ id, topic, members: people, owner: world.self })
      return id
    })
  }

  async contactSelfQRCode () {
    return subject('contactSelfQRCode', () => `https://weixin.example/u/${world.self}`)
  }

  async friendshipRawPayload (id) {
    return subject('friendshipPayload', () => known(world.friendships, id, 'friendship'))
  }

  /** It is told that they are friends, not that what was known of her is out of date. */
  async friendshipAccept (id) {
    return subject('friendshipAccept', () => {
      const { contactId } = known(world.friendships, id, 'friendship')
      note({ did: 'accept', conversation: contactId })
      contact(contactId).friend = true
      operations.friendship({ who: contactId, kind: 'confirm' })
    })
  }

  async messageRawPayload (id) {
    return subject('messagePayload', () => {
      const message = messages.get(id)
      if (!message) throw new Error(`no such message: ${id}`)
      return message
    })
  }

  async messageSendText (conversation, text, mentions = []) {
    return subject('sendText', () => {
      note({ did: 'say', conversation, text, mentions, at: Date.now() })
      const inRoom = Object.hasOwn(world.rooms, conversation)
      const where = inRoom ? { room: conversation } : { to: conversation }
      return operations.say({ by: world.self, text, mentions, ...where }).id
    })
  }

  async messageSendUrl (conversation, { title, url, thumbnailUrl }) {
    return subject('sendUrl', () => {
      note({ did: 'card', conversation, text: title, address: url, image: thumbnailUrl })
    })
  }

  async messageSendFile (conversation, file) {
    return subject('sendFile', () => {
      const { name, url } = file.toJSON()
      note({ did: 'picture', conversation, text: name, address: url })
    })
  }

}

const puppet = new LabPuppet({ timeoutSeconds: 24 * 3600 })

const now = unit => (unit === 's' ? Math.floor(Date.now() / 1000) : Date.now())

/** What can happen. `quiet` changes the world without the event, as when nobody was listening. */
const operations = {
  /** Nothing has ever happened, but message ids stay new. */
  reset () {
    world = { ...emptyWorld(), serial: world.serial }
    messages = new Map()
    actions = []
    if (diary) fs.writeFileSync(diary, '')
    faults = {}
    counts = {}
    puppet.cache.clear()
    save()
  },

  contact ({ id, name, friend, dirty = false }) {
    Object.assign(contact(id), name === undefined ? {} : { name }, friend === undefined ? {} : { friend })
    save()
    if (dirty) puppet.dirtyPayload(PAYLOAD.contact, id)
  },

  room ({ id, topic = id, members = [], owner = '', admins = [] }) {
    members.forEach(contact)
    world.rooms[id] = { topic, owner, admins, members: [world.self, ...members], aliases: {} }
    save()
  },

  alias ({ room: id, who, alias }) {
    room(id).aliases[who] = alias
    save()
    puppet.dirtyPayload(PAYLOAD.roomMember, id)
  },

  /** `ids: false` leaves the invitees out, as WeChat often does. */
  join ({ room: id, who, inviter = '', ids = true, quiet = false, unit = 'ms', timestamp }) {
    const { members } = room(id)
    for (const person of who) {
      contact(person)
      if (!members.includes(person)) members.push(person)
    }
    save()
    if (quiet) return
    puppet.emit('room-join', {
      inviteeIdList: ids ? who : [], inviterId: inviter, roomId: id, timestamp: timestamp ?? now(unit),
    })
  },

  leave ({ room: id, who, by = '', ids = true, quiet = false, unit = 'ms', timestamp }) {
    room(id).members = room(id).members.filter(member => !who.includes(member))
    save()
    if (quiet) return
    puppet.emit('room-leave', {
      removeeIdList: ids ? who : [], removerId: by, roomId: id, timestamp: timestamp ?? now(unit),
    })
  },

  topic ({ room: id, topic, by = '', quiet = false, unit = 'ms', timestamp }) {
    const oldTopic = room(id).topic
    room(id).topic = topic
    save()
    if (quiet) return
    puppet.emit('room-topic', {
      changerId: by, newTopic: topic, oldTopic, roomId: id, timestamp: timestamp ?? now(unit),
    })
  },

  /** `repeats` tells of the same message again, as gateways do after a hiccup. */
  say ({ by, room: roomId = '', to, text, mentions = [], unit = 'ms', timestamp, type = TEXT, id, repeats = 0 }) {
    contact(by)
    world.serial += 1
    const message = {
      id: id ?? `m${world.serial}`,
      type,
      text,
      talkerId: by,
      listenerId: roomId ? '' : to ?? world.self,
      roomId,
      mentionIdList: mentions,
      timestamp: timestamp ?? now(unit),
    }
    messages.set(message.id, message)
    if (messages.size > KEPT_MESSAGES) messages.delete(messages.keys().next().value)
    for (let told = 0; told <= repeats; told++) puppet.emit('message', { messageId: message.id })
    return { id: message.id }
  },

  burst ({ by, room: roomId, count, size = 0 }) {
    for (let number = 0; number < count; number++) {
      operations.say({ by, room: roomId, text: `${number}`.padEnd(size, '.') })
    }
  },

  rush ({ messages }) {
    messages.forEach(operations.say)
  },

  friendship ({ who, kind = 'receive', hello = '', repeats = 0 }) {
    contact(who)
    world.serial += 1
    const id = `f${world.serial}`
    const asked = kind === 'receive'
      ? { hello, scene: FROM_A_QR_CODE, stranger: `${who}@stranger`, ticket: 'v4' }
      : {}
    world.friendships[id] = {
      id, contactId: who, type: FRIENDSHIP[kind], timestamp: now('s'), ...asked,
    }
    save()
    for (let told = 0; told <= repeats; told++) puppet.emit('friendship', { friendshipId: id })
    return { id }
  },

  /** Any event as it is; `count` of them. */
  emit ({ event, payload, count = 1 }) {
    for (let number = 0; number < count; number++) puppet.emit(event, payload)
  },

  login ({ who = 'bot' }) {
    world.self = who
    loggedIn = true
    save()
    puppet.login(who)
  },

  async logout () {
    loggedIn = false
    await puppet.logout('the phone logged out')
  },

  fault ({ method, ...fault }) { faults[method] = fault },

  exit () { setImmediate(() => process.exit(0)) },
}

async function answer (request) {
  const url = new URL(request.url, 'http://lab')
  if (request.method === 'GET' && url.pathname === '/actions') {
    return actions.slice(Number(url.searchParams.get('since') ?? 0))
  }
  if (request.method === 'GET' && url.pathname === '/state') {
    return { ...world, loggedIn: puppet.isLoggedIn, counts }
  }
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { op, ...details } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return (await known(operations, op, 'operation')(details)) ?? {}
}

const control = http.createServer((request, response) => {
  answer(request).then(
    body => [200, body],
    error => [400, { error: String(error?.stack ?? error) }],
  ).then(([status, body]) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
})

// A listener of the published server may throw, e.g. at a dirty of an unknown kind; a lab stays up.
process.on('uncaughtException', error => console.error('uncaught', error))
// A lab never outlives who started it.
process.stdin.on('end', () => process.exit(0)).resume()

const server = new PuppetServer({
  endpoint: `127.0.0.1:${options.port}`,
  puppet,
  token: options.token,
  tls: { disable: !options.tls },
})
await puppet.start()
await server.start()
await new Promise(resolve => control.listen(Number(options.control), '127.0.0.1', resolve))
console.log(JSON.stringify({ port: Number(options.port), control: control.address().port }))
