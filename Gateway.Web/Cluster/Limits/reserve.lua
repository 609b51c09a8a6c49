-- Takes a place and a reservation in all scopes of a call, or nothing in any.
--
-- KEYS: the node's key, the call's tombstone, and for each scope its key followed by its budgets' keys.
-- ARGV: lease, ms to keep it if nobody makes it longer, tokens, money, number of scopes, and for each scope: rpm, tpm, calls at
-- the same time, number of budgets, and for each budget: amount (negative: refuses nothing), start of its window, ms to keep it,
-- what is known to have been spent, in which life of it and after how many changes.
--
-- Answers {0, for each scope: requests, tokens, ms until a request fits, ms until a token fits, for each of its budgets: spent, life, changes},
-- or {what refused (1 requests, 2 tokens, 3 parallel, 4 budget), scope, budget, requests, tokens, the two ms, spent, reserved,
-- calls in flight, life, changes}, scopes and budgets counted from 0.

local lease, ttl, tokens, money = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local nextKey, nextArg = 3, 5

local function key()
  nextKey = nextKey + 1
  return KEYS[nextKey - 1]
end

local function number()
  nextArg = nextArg + 1
  return tonumber(ARGV[nextArg - 1])
end

-- The call was given up by its node before this arrived.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return redis.error_reply('GONE the call was given up')
end

-- Until enough of the oldest steps have left the window; 'otherwise' when all of them are not enough.
local function leaves(scope, field, left, goal, otherwise)
  local fields = {}
  for step = scope.o, scope.n do
    fields[#fields + 1] = field .. step
  end
  local values = redis.call('HMGET', scope.key, unpack(fields))
  for i = 1, #values do
    left = left - (tonumber(values[i]) or 0)
    if left <= goal then
      return math.max(1, (scope.o + i - 1 + STEPS) * STEP - now)
    end
  end
  return otherwise
end

local function requestsFit(scope)
  if scope.rpm == 0 or scope.R < scope.rpm then
    return 0
  end
  return leaves(scope, 'r', scope.R, scope.rpm - 1, 60000)
end

local function tokensFit(scope, wanted)
  local held, goal = scope.T + scope.V, math.max(0, scope.tpm - wanted)
  if scope.tpm == 0 or held <= goal then
    return 0
  end
  return leaves(scope, 't', held, goal, 1000)
end

local function refusal(what, scope, index, budget, spent, life, changes)
  return { what, index, budget, scope.R, scope.T + scope.V, requestsFit(scope), tokensFit(scope, what == 2 and tokens or 1), spent, scope.M, scope.inFlight, life, changes }
end

local scopes = {}
for i = 1, number() do
  local scope = load(key())
  scope.rpm, scope.tpm, scope.parallel = number(), number(), number()
  scope.inFlight = redis.call('ZCARD', scope.key .. ':l')
  scope.budgets = {}
  scopes[i] = scope
  local left = scope.tpm - scope.T - scope.V
  if scope.rpm > 0 and scope.R >= scope.rpm then
    return refusal(1, scope, i - 1, 0, 0, 0, 0)
  end
  if scope.tpm > 0 and tokens > left and (left <= 0 or scope.inFlight > 0) then
    return refusal(2, scope, i - 1, 0, 0, 0, 0)
  end
  if scope.parallel > 0 and scope.inFlight >= scope.parallel then
    return refusal(3, scope, i - 1, 0, 0, 0, 0)
  end
  for b = 1, number() do
    local amount, budget = number(), key()
    local _, spent, life, changes = openBudget(budget, number(), number(), number(), number(), number())
    local rest = amount - spent - scope.M
    if amount >= 0 and (rest <= 0 or (money > rest and scope.inFlight > 0)) then
      return refusal(4, scope, i - 1, b - 1, spent, life, changes)
    end
    scope.budgets[b] = { spent, life, changes }
  end
end

local answer = { 0 }
for _, scope in ipairs(scopes) do
  -- Where tokens are not limited none are reserved; nor money where there is no budget.
  local held = scope.tpm > 0 and tokens or 0
  local cost = #scope.budgets > 0 and money or 0
  scope.R, scope.V, scope.M = scope.R + 1, scope.V + held, scope.M + cost
  redis.call('HINCRBY', scope.key, 'r' .. scope.n, 1)
  redis.call('HSET', scope.key, 'R', scope.R, 'V', scope.V, 'M', scope.M, 'o', scope.o, 'n', scope.n,
    'l' .. lease, text(held) .. ' ' .. text(cost) .. ' ' .. text(scope.n) .. ' ' .. text(now + ttl) .. ' ' .. KEYS[1])
  redis.call('ZADD', scope.key .. ':l', now + LOOK, lease)
  keep(scope.key, math.max(ttl, 61000))
  keep(scope.key .. ':l', math.max(ttl, 61000))
  for _, value in ipairs({ scope.R, scope.T + scope.V, requestsFit(scope), tokensFit(scope, 1) }) do
    answer[#answer + 1] = value
  end
  for _, figure in ipairs(scope.budgets) do
    for _, value in ipairs(figure) do
      answer[#answer + 1] = value
    end
  end
end
return answer
