"""What the log does in Valkey in one atomic step each, in Lua. A stored event is its notice's serial, a space, the event."""

COMMON = """
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
"""

# the log of a clinic, from a position on, as much as goes into a page; it is in use
_PAGE = """
local function page(kept, bases, touched, sizes, name, position, idle_ms, page_bytes)
  local length = redis.call('LLEN', kept)
  if length == 0 then return {'page', 0, 0, {}} end
  local base = tonumber(redis.call('GET', bases) or '0')
  local from = 0
  if position >= base and position <= base + length then from = position - base end
  redis.call('PEXPIRE', kept, idle_ms)
  redis.call('PEXPIRE', bases, idle_ms)
  redis.call('PEXPIRE', sizes, idle_ms)
  redis.call('ZADD', touched, 'XX', now_ms(), name)
  local found, left = {}, page_bytes
  while from < length and left > 0 do
    for _, one in ipairs(redis.call('LRANGE', kept, from, from + 49)) do
      left = left - #one
      if left < 0 and #found > 0 then break end
      found[#found + 1] = one
    end
    from = from + 50
  end
  return {'page', base, base + length, found}
end
"""

# KEYS: events, base, touched, bytes; ARGV: name, idle_ms, position, page_bytes
READ = f"""{COMMON}{_PAGE}
return page(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[2]), tonumber(ARGV[4]))
"""

# KEYS: events, base, touched, serial, epoch, bytes
# ARGV: name, idle_ms, position, is_told, cuts, is_all, most, channel, most_bytes, page_bytes, events…
APPEND = f"""{COMMON}{_PAGE}
local kept, bases, touched, sizes = KEYS[1], KEYS[2], KEYS[3], KEYS[6]
local name, idle_ms, position = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local is_told, cuts, is_all = ARGV[4] == '1', ARGV[5] == '1', ARGV[6] == '1'
local length = redis.call('LLEN', kept)
local last = 0
if length > 0 then last = tonumber(redis.call('GET', bases) or '0') + length end
if position ~= last or (length == 0 and not is_told) then
  return page(kept, bases, touched, sizes, name, position, idle_ms, tonumber(ARGV[10]))
end
local bytes = 0
for number = 11, #ARGV do bytes = bytes + #ARGV[number] end
if length > 0 and not cuts then
  local held = tonumber(redis.call('GET', sizes) or '0')
  if length + #ARGV - 10 > tonumber(ARGV[7]) or held + bytes > tonumber(ARGV[9]) then return {{'full'}} end
end
if cuts then redis.call('DEL', kept) end
if cuts or length == 0 then redis.call('DEL', sizes) end
redis.call('INCRBY', sizes, bytes)
redis.call('PEXPIRE', sizes, idle_ms)
if cuts or length == 0 then redis.call('SET', bases, position) end
local serial = 0
if is_told then serial = redis.call('INCR', KEYS[4]) end
for number = 11, #ARGV do redis.call('RPUSH', kept, serial .. ' ' .. ARGV[number]) end
redis.call('PEXPIRE', kept, idle_ms)
redis.call('PEXPIRE', bases, idle_ms)
if not is_all then redis.call('ZADD', touched, now_ms(), name) end
if is_told then
  local awaited = (position == 0 or is_all) and 1 or 0
  local epoch = redis.call('GET', KEYS[5]) or ''
  redis.call('PUBLISH', ARGV[8], epoch .. ' ' .. serial .. ' ' .. awaited .. ' ' .. name)
end
return {{'written', serial}}
"""

# KEYS: touched, serial, epoch, servers, taken in; ARGV: server, a new epoch, idle_ms
JOIN = f"""{COMMON}
redis.call('SET', KEYS[3], ARGV[2], 'NX')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms() - tonumber(ARGV[3]))
local serial = tonumber(redis.call('GET', KEYS[2]) or '0')
redis.call('ZADD', KEYS[4], now_ms(), ARGV[1])
redis.call('HSET', KEYS[5], ARGV[1], serial)
return {{redis.call('GET', KEYS[3]), serial, redis.call('ZRANGE', KEYS[1], 0, -1)}}
"""

# the clinics that have a log. KEYS: touched; ARGV: idle_ms
TOUCHED = f"""{COMMON}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms() - tonumber(ARGV[1]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""

# KEYS: servers, taken in, keys that live as long as servers do…; ARGV: server, serial, lives_ms, idle_ms
TAKE_IN = f"""{COMMON}
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms() - 100 * tonumber(ARGV[3]))
for _, server in ipairs(silent) do
  redis.call('ZREM', KEYS[1], server)
  redis.call('HDEL', KEYS[2], server)
end
redis.call('ZADD', KEYS[1], now_ms(), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for number = 1, #KEYS do redis.call('PEXPIRE', KEYS[number], tonumber(ARGV[4])) end
"""

# KEYS: servers, taken in; ARGV: serial, lives_ms. Whether a server that lives has not taken in a notice
IS_BEHIND = f"""{COMMON}
local living = redis.call('ZRANGEBYSCORE', KEYS[1], now_ms() - tonumber(ARGV[2]), '+inf')
for _, server in ipairs(living) do
  if tonumber(redis.call('HGET', KEYS[2], server) or '0') < tonumber(ARGV[1]) then return 1 end
end
return 0
"""

# KEYS: facts; ARGV: idle_ms, then names and facts in turn. The facts that stand
AGREE = """
local standing = {}
for number = 2, #ARGV, 2 do
  redis.call('HSETNX', KEYS[1], ARGV[number], ARGV[number + 1])
  standing[#standing + 1] = redis.call('HGET', KEYS[1], ARGV[number])
end
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return standing
"""
