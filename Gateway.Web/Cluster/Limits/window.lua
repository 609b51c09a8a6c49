-- What both scripts share: a scope's last minute and its running calls. Put in front of each of them.
--
-- A scope is two keys. The hash <scope> holds
--   r<step>, t<step>   requests admitted and tokens used in a step of 250 ms
--   R, T               their sums over the window
--   V, M               tokens and money (nano-USD) reserved by running calls
--   o, n               the oldest and the newest step that may be in the sums
--   l<lease>           what a running call holds: "tokens money step end node"
-- and the sorted set <scope>:l holds the leases by the time at which somebody has to look whether their node is still there.
-- A budget is a hash: w is the start of its window, S what the window has cost; e is when this hash was made (microseconds, as a number of its life), v how
-- often S has changed in it. What it began with is a node's figure of an earlier life: b, of the life be, after bv changes (0 and 0: a node's own count).
--
-- Numbers are doubles: whole up to 2^53, which as nano-USD is nine million dollars for a budget's window.

local STEP, STEPS, LOOK, AHEAD = 250, 241, 1000, 1000
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function text(number)
  return string.format('%.0f', number)
end

-- Every key goes away by itself; no key of what still runs goes before its time.
local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

local function release(scope, lease)
  local held = redis.call('HGET', scope.key, 'l' .. lease)
  redis.call('ZREM', scope.key .. ':l', lease)
  if not held then
    return nil
  end
  redis.call('HDEL', scope.key, 'l' .. lease)
  local tokens, money, step = string.match(held, '^(%-?%d+) (%-?%d+) (%d+)')
  scope.V = redis.call('HINCRBY', scope.key, 'V', 0 - tokens)
  scope.M = redis.call('HINCRBY', scope.key, 'M', 0 - money)
  return tonumber(step)
end

-- A node says every second that it is there. What is held by one that no longer does, or is over by its own deadline, comes free.
local function reclaim(scope)
  local isThere = {}
  for _, lease in ipairs(redis.call('ZRANGEBYSCORE', scope.key .. ':l', '-inf', now, 'LIMIT', 0, 64)) do
    local held = redis.call('HGET', scope.key, 'l' .. lease)
    local ends, node = string.match(held or '', '^%-?%d+ %-?%d+ %d+ (%d+) (%S+)$')
    if node and isThere[node] == nil then
      isThere[node] = redis.call('EXISTS', node) == 1
    end
    if node and isThere[node] and now < tonumber(ends) then
      redis.call('ZADD', scope.key .. ':l', now + LOOK, lease)
    else
      release(scope, lease)
    end
  end
end

-- The scope as it stands now: steps that are older than the window are taken out of the sums.
local function load(key)
  local h = redis.call('HMGET', key, 'R', 'T', 'V', 'M', 'o', 'n')
  local step = math.floor(now / STEP)
  local scope = {
    key = key, R = tonumber(h[1]) or 0, T = tonumber(h[2]) or 0, V = tonumber(h[3]) or 0, M = tonumber(h[4]) or 0,
    o = tonumber(h[5]) or step, n = tonumber(h[6]) or step,
  }
  -- A clock that was set back counts on where it was.
  local last = scope.n
  scope.n = math.max(step, last)
  local first = scope.n - STEPS + 1
  if scope.o < first then
    local fields = {}
    for old = scope.o, math.min(first - 1, last) do
      fields[#fields + 1] = 'r' .. old
      fields[#fields + 1] = 't' .. old
    end
    local values = redis.call('HMGET', key, unpack(fields))
    for i = 1, #values, 2 do
      scope.R = scope.R - (tonumber(values[i]) or 0)
      scope.T = scope.T - (tonumber(values[i + 1]) or 0)
    end
    redis.call('HDEL', key, unpack(fields))
    scope.o = first
    redis.call('HSET', key, 'R', scope.R, 'T', scope.T, 'o', scope.o, 'n', scope.n)
  end
  reclaim(scope)
  return scope
end

-- Starts the budget's window when it is a new one; what is known to have been spent in it counts from the start. The clock that counts
-- is this one: a node's that is ahead must not end the window of all others. Answers the window's start, what it has cost, life and changes.
local function openBudget(key, window, ttl, seed, life, changes)
  local h = redis.call('HMGET', key, 'w', 'S', 'e', 'v', 'b', 'be', 'bv')
  local at = tonumber(h[1])
  local ahead = window > now + AHEAD
  if not at or (at < window and not ahead) then
    -- As a step, so that what is reserved from here on is in it.
    window = ahead and now - now % STEP or window
    local made = clock[1] * 1000000 + clock[2]
    redis.call('HSET', key, 'w', window, 'S', seed, 'e', text(made), 'v', 0, 'b', seed, 'be', text(life), 'bv', changes)
    redis.call('PEXPIRE', key, ttl)
    return window, seed, made, 0
  end
  keep(key, ttl)
  local spent, made, changed = tonumber(h[2]), tonumber(h[3]) or 0, tonumber(h[4]) or 0
  local base, baseLife, baseChanges = tonumber(h[5]) or 0, tonumber(h[6]) or 0, tonumber(h[7]) or 0
  -- Who came first after a loss said what it had heard last. This one has heard something later in the same life; or more in another one, which may
  -- have known of less: then the greater figure counts.
  if at == window and life ~= 0 and life ~= made and ((life == baseLife and changes > baseChanges) or (life ~= baseLife and seed > base)) then
    spent = redis.call('HINCRBY', key, 'S', text(seed - base))
    changed = redis.call('HINCRBY', key, 'v', 1)
    redis.call('HSET', key, 'b', seed, 'be', text(life), 'bv', changes)
  end
  return at, spent, made, changed
end
