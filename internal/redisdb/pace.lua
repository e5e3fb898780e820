-- Grants a request in all buckets or in none, like internal/pace, in whole
-- microseconds of the server's clock. A bucket is one number: the time at which
-- it is full again. All keys share one hash tag, hence one node of a cluster.
--
-- KEYS[1..n]   buckets; the first is the sender's, if it has a limit
-- KEYS[n+1]    how far the sender's rate has given way: "percent:since"
-- ARGV[1]      freeze: the first bucket is full not before this long from now; 0 = leave it
-- ARGV[2]      1 = halve the sender's rate
-- ARGV[3]      how many of the buckets are shared by all contacts
-- ARGV[2i+2]   how long the request fills bucket i
-- ARGV[2i+3]   how far bucket i may then be ahead of the clock
-- returns      how long to wait, 0 = granted; the bucket that binds, 0 = none;
--              once granted, how long the shared buckets have no room for the same
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local n, shared = #KEYS - 1, tonumber(ARGV[3])

local function put(key, full)
  local life = math.ceil((full - now) / 1000) + 1000 -- a full bucket is forgotten, a second later
  redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', life))
end

local percent = 100
local slowed = redis.call('GET', KEYS[n + 1])
if slowed then
  local p, since = string.match(slowed, '^(%d+):(%d+)$')
  percent = math.min(100, p + 5 * math.max(0, math.floor((now - since) / 60000000)))
end
if ARGV[2] == '1' then
  percent = math.max(10, math.floor(percent / 2))
  redis.call('SET', KEYS[n + 1], string.format('%.0f:%.0f', percent, now), 'PX', '1200000') -- by then all of it is back
end

local fill, room = {}, {}
for i = 1, n do
  fill[i], room[i] = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  if i == 1 and shared > 0 then
    fill[i] = math.ceil(fill[i] * 100 / percent)
    room[i] = math.max(room[i], fill[i])
  end
end

local full, wait, binding = {}, 0, 0
for i = 1, n do
  full[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now)
  if i == 1 and tonumber(ARGV[1]) > 0 then
    full[i] = math.max(full[i], now + ARGV[1])
    put(KEYS[i], full[i])
  end
  local left = full[i] + fill[i] - room[i] - now
  if left > wait then
    wait, binding = left, i
  end
end
if wait > 0 then
  return {wait, binding, 0}
end
local after = 0
for i = 1, n do
  put(KEYS[i], full[i] + fill[i])
  if i <= shared then
    after = math.max(after, full[i] + 2 * fill[i] - room[i] - now)
  end
end
return {0, 0, after}
