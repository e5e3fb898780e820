-- Says that a node is alive and counts those that are.
--
-- KEYS[1]   sorted set of nodes by when they were last heard of, in milliseconds
-- ARGV[1]   the node
-- ARGV[2]   after how many milliseconds of silence a node is no longer counted
-- returns   how many nodes are alive, this one included
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
