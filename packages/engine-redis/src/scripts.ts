/** A seat is stored as its node (6 characters), its session (22), the first letter of its state, and the whole as JSON. Scripts return texts and numbers only. */

const changed = `
  local function changed(before)
    local seen, nodes, moving = {}, {}, true
    local function add(value)
      local node = string.sub(value, 1, 6)
      if not seen[node] then seen[node] = true; nodes[#nodes + 1] = node end
    end
    if before then add(before) end
    for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
      add(value)
      moving = moving and string.sub(value, 29, 29) == 'm'
    end
    return nodes, moving
  end
`

/** `at` is when a seat was last taken, changed or given up. */
const time = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  local function touch() redis.call('HSET', KEYS[2], 'at', string.format('%.0f', now)) end
`

const set = `${time}
  local function set(peer, value, title, rules, epoch, ttl)
    -- Whoever was in the room has to learn that its seats are lost.
    if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HDEL', KEYS[2], 'e', 'o') end
    redis.call('HSET', KEYS[1], peer, value)
    touch()
    if redis.call('HSETNX', KEYS[2], 'e', epoch) == 1 and title ~= '' then redis.call('HSETNX', KEYS[2], 't', title) end
    local ruled = 0
    if rules ~= '' then ruled = redis.call('HSETNX', KEYS[2], 'r', rules) end
    redis.call('PEXPIRE', KEYS[1], ttl)
    redis.call('PEXPIRE', KEYS[2], ttl)
    return redis.call('HINCRBY', KEYS[2], 'o', 1), ruled
  end
`

/** Each act on the store is one script: Redis runs one at a time. */
export const scripts = {
  /**
   * KEYS nodes, epoch, nodes of late. ARGV node, lease in ms, an epoch, how long an ended lease counts as one of late, in ms.
   * @returns epoch, whether the node was absent, the nodes, those of late.
   */
  beat: `
    local t = redis.call('TIME')
    local now = t[1] * 1000 + math.floor(t[2] / 1000)
    redis.call('SET', KEYS[2], ARGV[3], 'NX')
    local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now))
    -- The clock was set back: no lease is longer than that of this node.
    for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + ARGV[2]), '+inf')) do
      redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), node)
    end
    redis.call('ZUNIONSTORE', KEYS[3], 2, KEYS[1], KEYS[3], 'AGGREGATE', 'MAX')
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('(%.0f', now - ARGV[4]))
    local absent = 1
    if before and tonumber(before) >= now then absent = 0 end
    return { redis.call('GET', KEYS[2]), absent, redis.call('ZRANGE', KEYS[1], 0, -1), redis.call('ZRANGE', KEYS[3], 0, -1) }
  `,
  /** KEYS home. ARGV node, former home or "", lifetime in ms. @returns the home. */
  claim: `
    local home = redis.call('GET', KEYS[1])
    if home == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
    if home and home ~= ARGV[2] then return home end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
    return ARGV[1]
  `,
  /** KEYS home. ARGV node. */
  release: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
  /**
   * KEYS seats, room. ARGV peer, seat, the seat as a host's, whether it is one before, max, host of the opening or "", rules if it
   * opens the room, title, an epoch, lifetime, whether it may open one in which others are.
   * @returns why it is refused or "", epoch, offset, title, rules, seats, former seat, whether it is a host's, whether the rules are its
   *   own, how long no seat had changed in ms.
   */
  enter: `${set}
    local before = redis.call('HGET', KEYS[1], ARGV[1])
    local quiet = now - (tonumber(redis.call('HGET', KEYS[2], 'at') or 0))
    local others = redis.call('HLEN', KEYS[1])
    if before then others = others - 1 end
    local text = redis.call('HGET', KEYS[2], 'r')
    local rules = text and cjson.decode(text)
    local host = ARGV[4] == '1'
    local first = ARGV[7]
    if others > 0 and ARGV[11] == '0' then first = '' end
    if ARGV[6] ~= '' and ((not rules and first ~= '') or (rules and rules.host == ARGV[6])) then host = true end
    local refused = ''
    if rules and not host then
      local verdict = rules.verdicts[ARGV[1]]
      if verdict == 'removed' then refused = 'removed'
      elseif rules.isLocked and not before and verdict ~= 'admitted' then refused = 'locked' end
    end
    if refused == '' and others >= tonumber(ARGV[5]) then refused = 'full' end
    local offset, ruled = 0, 0
    if refused == '' then
      local value = ARGV[2]
      if host then value = ARGV[3] end
      offset, ruled = set(ARGV[1], value, ARGV[8], first, ARGV[9], ARGV[10])
    end
    local room = redis.call('HMGET', KEYS[2], 'e', 't', 'r')
    local isHost = 0
    if host then isHost = 1 end
    return { refused, room[1] or '', offset, room[2] or '', room[3] or '', redis.call('HVALS', KEYS[1]), before or '', isHost, ruled, quiet }
  `,
  /**
   * KEYS seats, room. ARGV peer, seat, title, rules, an epoch, lifetime, lifetime when everybody is moving.
   * @returns epoch, offset, nodes, whether the rules are its own; nothing when another session has the place.
   */
  put: `${set}${changed}
    local before = redis.call('HGET', KEYS[1], ARGV[1])
    if before and string.sub(before, 7, 28) ~= string.sub(ARGV[2], 7, 28) then
      if string.sub(before, 29, 29) == 'i' or string.sub(ARGV[2], 29, 29) ~= 'i' then return false end
    end
    local offset, ruled = set(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
    local nodes, moving = changed(before)
    if moving then for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[7]) end end
    return { redis.call('HGET', KEYS[2], 'e'), offset, nodes, ruled }
  `,
  /** KEYS seats, room. ARGV rules before or "", rules. @returns epoch, offset, nodes; nothing when the rules are others, or nobody is there. */
  rule: `${changed}
    if (redis.call('HGET', KEYS[2], 'r') or '') ~= ARGV[1] then return false end
    if redis.call('EXISTS', KEYS[1]) == 0 then return false end
    redis.call('HSET', KEYS[2], 'r', ARGV[2])
    local offset = redis.call('HINCRBY', KEYS[2], 'o', 1)
    redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
    return { redis.call('HGET', KEYS[2], 'e') or '', offset, (changed()) }
  `,
  /**
   * KEYS seats, room. ARGV peer, session, how long the room outlives its last seat in ms, or 0, lifetime when everybody is moving.
   * @returns epoch, offset, nodes; nothing when the session has no seat.
   */
  remove: `${time}${changed}
    local before = redis.call('HGET', KEYS[1], ARGV[1])
    if not before or string.sub(before, 7, 28) ~= ARGV[2] then return false end
    redis.call('HDEL', KEYS[1], ARGV[1])
    touch()
    local offset = redis.call('HINCRBY', KEYS[2], 'o', 1)
    local nodes, moving = changed(before)
    local result = { redis.call('HGET', KEYS[2], 'e') or '', offset, nodes }
    if redis.call('HLEN', KEYS[1]) == 0 then
      if ARGV[3] == '0' then redis.call('DEL', KEYS[2]) else redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
      return result
    end
    if moving then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
    redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
    return result
  `,
  /** KEYS seats, room. @returns epoch, offset, title, rules, seats. */
  read: `
    local room = redis.call('HMGET', KEYS[2], 'e', 'o', 't', 'r')
    return { room[1] or '', tonumber(room[2] or 0), room[3] or '', room[4] or '', redis.call('HVALS', KEYS[1]) }
  `,
}

export type ScriptName = keyof typeof scripts
