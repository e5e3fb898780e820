-- Grants a request in all buckets or in none, like internal/pace, in whole
-- microseconds of the server's clock. A bucket is one number: the time at which
-- it is full again. All keys share one hash tag, hence one node of a cluster.
--
-- KEYS[i]      bucket
-- ARGV[1]      freeze: the first bucket is full not before this long from now; 0 = leave it
-- ARGV[2i]     how long the request fills bucket i
-- ARGV[2i+1]   how far bucket i may then be ahead of the clock
-- returns      how long to wait; 0 = granted
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function put(key, full)
  local life = math.ceil((full - now) / 1000) + 1000 -- a full bucket is forgotten, a second later
  redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', life))
end

local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  full[i] = math.max(tonumber(redis.call('GET', key) or 0), now)
  if i == 1 and tonumber(ARGV[1]) > 0 then
    full[i] = math.max(full[i], now + ARGV[1])
    put(key, full[i])
  end
  wait = math.max(wait, full[i] + ARGV[2 * i] - ARGV[2 * i + 1] - now)
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  put(key, full[i] + ARGV[2 * i])
end
return 0
