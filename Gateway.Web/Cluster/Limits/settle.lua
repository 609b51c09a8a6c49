-- What became of calls: ended, taken back, or grown (they hold more, or the same for longer). A node sends its batches in order and repeats what it got no answer to;
-- its number makes each batch count once. With no entries it says that the node is there.
--
-- KEYS: the node's key, the key of its last batch's number, and for each entry: the call's tombstone, and for each scope its key
-- followed by its budgets' keys.
-- ARGV: this batch's number (0: none), the number of the oldest batch not answered yet, number of entries, and for each entry:
-- what (1 ended, 2 taken back, 3 grown), lease, ms to keep it, tokens, money, 1 when nobody knows whether it was reserved, number of scopes,
-- and for each scope: 1 when its requests or tokens are limited, 1 when its tokens are, number of budgets, and for each budget:
-- start of the window that the call belongs to, ms to keep it, what is known to have been spent, in which life of it and after how many changes.
--
-- Answers {1, for each budget of each entry that ended: spent, life, changes}, with -1 spent where another window is open; 0 when there was nothing to do.

local NODE_TTL, TOMBSTONE_TTL, NUMBER_TTL = 4000, 600000, 86400000

redis.call('SET', KEYS[1], 1, 'PX', NODE_TTL)
local batch, oldest = tonumber(ARGV[1]), tonumber(ARGV[2])
if batch == 0 then
  return 0
end
-- What was answered has been counted, even if this Redis lost the last of it: a replica that took over, or a file that was not written yet.
local last = math.max(tonumber(redis.call('GET', KEYS[2])) or 0, oldest - 1)
if batch <= last then
  return 0
end
if batch > last + 1 then
  return redis.error_reply('GAP the batches before have not arrived')
end

local nextKey, nextArg = 3, 3

local function key()
  nextKey = nextKey + 1
  return KEYS[nextKey - 1]
end

local function word()
  nextArg = nextArg + 1
  return ARGV[nextArg - 1]
end

local function number()
  return tonumber(word())
end

-- The call used and cost this much, whether or not its reservation is still there.
local function count(scope, tokens, windowed)
  if windowed == 1 and tokens > 0 then
    redis.call('HINCRBY', scope.key, 'T', tokens)
    redis.call('HINCRBY', scope.key, 't' .. scope.n, tokens)
    redis.call('HSET', scope.key, 'o', scope.o, 'n', scope.n)
    keep(scope.key, 61000)
  end
end

local function takeBack(scope, step)
  if step and step >= scope.o and (tonumber(redis.call('HGET', scope.key, 'r' .. step)) or 0) > 0 then
    redis.call('HINCRBY', scope.key, 'r' .. step, -1)
    redis.call('HINCRBY', scope.key, 'R', -1)
  end
end

local function grow(scope, lease, ttl, tokens, money)
  local held = redis.call('HGET', scope.key, 'l' .. lease)
  if held then
    local oldTokens, oldMoney, step, ends, node = string.match(held, '^(%-?%d+) (%-?%d+) (%d+) (%d+) (%S+)$')
    local moreTokens, moreMoney = math.max(0, tokens - oldTokens), math.max(0, money - oldMoney)
    redis.call('HINCRBY', scope.key, 'V', moreTokens)
    redis.call('HINCRBY', scope.key, 'M', moreMoney)
    redis.call('HSET', scope.key, 'l' .. lease, text(oldTokens + moreTokens) .. ' ' .. text(oldMoney + moreMoney)
      .. ' ' .. step .. ' ' .. text(math.max(tonumber(ends), now + ttl)) .. ' ' .. node)
    keep(scope.key, ttl)
    keep(scope.key .. ':l', ttl)
  end
end

local answer = { 1 }
for _ = 1, number() do
  local tombstone = key()
  local what, lease, ttl, tokens, money, unsure = number(), word(), number(), number(), number(), number()
  local found = false
  for _ = 1, number() do
    local scope = load(key())
    local windowed, tokensLimited, budgets = number(), number(), number()
    local step = nil
    if what == 3 then
      grow(scope, lease, ttl, tokensLimited == 1 and tokens or 0, budgets > 0 and money or 0)
    else
      step = release(scope, lease)
      found = found or step ~= nil
      if what == 1 then
        count(scope, tokens, windowed)
      else
        takeBack(scope, step)
      end
    end
    for _ = 1, budgets do
      local budget, window = key(), number()
      if what == 1 then
        -- The cost belongs to the window that the call began in; when that is over, it is the books' alone. What was reserved in
        -- the window that is open began in it, whatever the clock of its node says; but not when its node had given up waiting
        -- for that: the reservation may have come long after the call had begun.
        local at, spent, life, changes = openBudget(budget, window, number(), number(), number(), number())
        if at <= window or (step and unsure == 0 and step * STEP >= at) then
          spent = redis.call('HINCRBY', budget, 'S', money)
          changes = redis.call('HINCRBY', budget, 'v', 1)
        end
        for _, value in ipairs({ at <= window and spent or -1, life, changes }) do
          answer[#answer + 1] = value
        end
      else
        nextArg = nextArg + 4
      end
    end
  end
  if unsure == 1 and not found then
    redis.call('SET', tombstone, 1, 'PX', TOMBSTONE_TTL)
  end
end
redis.call('SET', KEYS[2], batch, 'PX', NUMBER_TTL)
return answer
