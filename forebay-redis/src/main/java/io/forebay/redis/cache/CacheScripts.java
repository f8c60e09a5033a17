package io.forebay.redis.cache;

import io.forebay.redis.internal.Script;

/**
 * What is done to a cache in Redis, each in one script, so whole or not at all. Every script is about one shard: all its keys
 * are in one hash slot.
 *
 * <p>The shard's own sequence orders what happens in it: loads and invalidations. It is no less than the server's clock in
 * microseconds and only grows, below 2^53, so Lua's doubles hold it exactly. A value carries the number at which its load
 * began; a <i>mark</i> is the number of the last invalidation of a tag or a prefix. What has a number no higher than a mark
 * of one of its names is stale.
 */
final class CacheScripts {
    /**
     * KEYS: head, marks, quiet, … ARGV: an id that was never used, channel, number of the shard, …
     *
     * <p>The head's id is part of every value. If head or marks are missing, or Redis was started or became the primary (a new
     * replication id) and may have gone back, a new id makes all that is stored stale.
     */
    private static final String CURRENT = """
            local time = redis.call('TIME')
            local now = time[1] * 1000000 + time[2]
            local function text(number) return string.format('%.0f', number) end
            local head = redis.call('HMGET', KEYS[1], 'id', 'server', 'sequence', 'said', 'keep', 'quiet')
            local id, sequence, said = head[1], tonumber(head[3] or '0'), tonumber(head[4] or '0')
            local keep, quiet = tonumber(head[5] or '0'), tonumber(head[6] or '0')
            local info = redis.call('INFO', 'replication')
            local _, before = string.find(info, 'master_replid:', 1, true)
            local server = before and string.sub(info, before + 1, before + 40) or ''

            local function advance()
                sequence = math.max(now, sequence + 1)
                redis.call('HSET', KEYS[1], 'sequence', text(sequence))
                return sequence
            end

            local function say(what)
                said = said + 1
                redis.call('HSET', KEYS[1], 'said', text(said))
                redis.call('PUBLISH', ARGV[2], ARGV[3] .. ' ' .. id .. ' ' .. text(said) .. ' ' .. what)
            end

            local function renew()
                redis.call('DEL', KEYS[1], KEYS[2])
                id, said = ARGV[1], 0
                redis.call('HSET', KEYS[1], 'id', id, 'server', server, 'keep', text(keep), 'quiet', text(quiet))
                redis.call('ZADD', KEYS[2], 0, '#' .. id)
                advance()
                say('{"everything":true}')
            end

            local function remember(longest)
                if longest <= keep then return end
                keep = longest
                redis.call('HSET', KEYS[1], 'keep', text(keep))
            end

            local function unpacked(key)
                local packed = redis.call('GET', key)
                return packed and cmsgpack.unpack(packed)
            end

            local function isFresh(loadedAt, loadedUnder, tags, prefixes)
                if loadedUnder ~= id then return false end
                local names = {}
                for _, tag in ipairs(tags) do names[#names + 1] = 't:' .. tag end
                for _, prefix in ipairs(prefixes) do names[#names + 1] = 'p:' .. prefix end
                if #names == 0 then return true end
                for _, mark in ipairs(redis.call('ZMSCORE', KEYS[2], unpack(names))) do
                    if mark and tonumber(mark) >= loadedAt then return false end
                end
                return true
            end

            local function millis(micros) return math.max(1, math.ceil(micros / 1000)) end

            local function guardOf(key)
                return unpacked(key) or {}
            end

            local function save(key, guard)
                local last = math.max(guard.lease and guard.ends or 0, guard.fence and guard.fenced or 0)
                if last <= now then redis.call('DEL', key)
                else redis.call('SET', key, cmsgpack.pack(guard), 'PX', millis(last - now)) end
            end

            local function free(guard)
                guard.lease, guard.under, guard.ends = nil, nil, nil
            end

            local function isQuiet(value)
                local ends = redis.call('ZSCORE', KEYS[3], value)
                if not ends and redis.call('EXISTS', KEYS[3]) == 0 then ends = redis.call('HGET', KEYS[1], 'hushed') end
                return math.max(quiet, tonumber(ends or '0')) > now
            end

            local function holds(guard, token)
                return guard.lease and guard.ends > now and guard.under .. ' ' .. text(guard.lease) == token
            end

            local function rest(from)
                local items = {}
                for i = from, #ARGV do items[#items + 1] = ARGV[i] end
                return items
            end

            if not id or head[2] ~= server or not redis.call('ZSCORE', KEYS[2], '#' .. id) then renew() end
            """;

    /**
     * Reads a value, or takes the lease to load it. KEYS: …, value, guard. ARGV: …, length of a lease in microseconds or 0 if
     * none is wanted, how long a value may live after its load began, then the key's prefixes.
     */
    static final Script GET = Script.of(CURRENT + """
            local lease = tonumber(ARGV[4])
            local held = unpacked(KEYS[4])
            if held then
                if isFresh(held.at, held.under, held.tags, rest(6)) then
                    return {'hit', held.value, redis.call('PTTL', KEYS[4]), held.tags}
                end
                redis.call('DEL', KEYS[4])
            end
            if lease == 0 then return {'none'} end

            local guard = guardOf(KEYS[5])
            if isQuiet(KEYS[4]) then return {'quiet'} end
            if guard.lease and guard.under == id and guard.ends > now then return {'busy', millis(guard.ends - now)} end
            remember(tonumber(ARGV[5]))
            guard.lease, guard.under, guard.ends = advance(), id, now + lease
            save(KEYS[5], guard)
            return {'load', id .. ' ' .. text(guard.lease)}
            """);

    /**
     * Stores what the holder of a lease has loaded. KEYS: …, value, guard. ARGV: …, token, value, milliseconds to live, number
     * of tags, the tags, then the key's prefixes.
     */
    static final Script FILL = Script.of(CURRENT + """
            local guard = guardOf(KEYS[5])
            if not holds(guard, ARGV[4]) then return {'late'} end
            local at, under = guard.lease, guard.under
            free(guard)
            save(KEYS[5], guard)

            local tags, count = {}, tonumber(ARGV[7])
            for i = 1, count do tags[i] = ARGV[7 + i] end
            if not isFresh(at, under, tags, rest(8 + count)) then return {'late'} end
            redis.call('SET', KEYS[4], cmsgpack.pack({value = ARGV[5], at = at, under = under, tags = tags}), 'PX', ARGV[6])
            return {'stored'}
            """);

    /** Gives a lease back. KEYS: …, value, guard. ARGV: …, token. */
    static final Script RELEASE = Script.of(CURRENT + """
            local guard = guardOf(KEYS[5])
            if holds(guard, ARGV[4]) then
                free(guard)
                save(KEYS[5], guard)
            end
            return {'free'}
            """);

    /**
     * Invalidates keys, tags and prefixes. KEYS: …, a signal for each name, then value and guard of each key. ARGV: …, quiet
     * time in microseconds, what to say, then the names of marks.
     *
     * <p>A load that begins within the quiet time may still read what was: its number is below the mark, or it gets no lease.
     * A signal is written and deleted for those who track keys. When the quiet time of keys ends is in one sorted set: a key
     * for each of them, to expire by itself, would cost Redis more than all the rest. If Redis drops the set, all keys are quiet
     * until the last of them were, which the head knows.
     */
    static final Script INVALIDATE = Script.of(CURRENT + """
            local silence, names = tonumber(ARGV[4]), rest(6)
            local at = advance() + silence
            for i, name in ipairs(names) do
                redis.call('ZADD', KEYS[2], 'GT', text(at), name)
                redis.call('SET', KEYS[3 + i], '')
                redis.call('DEL', KEYS[3 + i])
            end
            if #names > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[2], '(0', text(now - keep)) end

            local values, guards, silent, ends = {}, {}, {}, text(now + silence)
            for i = 4 + #names, #KEYS, 2 do
                local value = KEYS[i]
                values[#values + 1], guards[#guards + 1] = value, KEYS[i + 1]
                silent[#silent + 1], silent[#silent + 2] = ends, value
            end
            if #values > 0 then
                redis.call('DEL', unpack(values))
                for i, packed in ipairs(redis.call('MGET', unpack(guards))) do
                    if packed then
                        local guard = cmsgpack.unpack(packed)
                        free(guard)
                        save(guards[i], guard)
                    end
                end
                redis.call('ZADD', KEYS[3], unpack(silent))
                redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', text(now))
                redis.call('PEXPIRE', KEYS[3], 3600000) -- the longest quiet time that a cache may have
                redis.call('HSET', KEYS[1], 'hushed', ends)
            end
            say(ARGV[5])
            return {'done'}
            """);

    /**
     * Stores what a change brought. KEYS: …, value, guard. ARGV: …, fence as text that sorts, how long to remember it in
     * microseconds, value, milliseconds to live, how long a value may live in microseconds, what to say.
     *
     * <p>Within the quiet time of an invalidation nothing is stored: what is brought may be from before it.
     */
    static final Script REFRESH = Script.of(CURRENT + """
            local guard = guardOf(KEYS[5])
            if guard.fence and guard.since == id and guard.fence >= ARGV[4] then return {'old'} end
            local held = unpacked(KEYS[4])
            free(guard)
            guard.fence, guard.since, guard.fenced = ARGV[4], id, now + tonumber(ARGV[5])
            save(KEYS[5], guard)
            if isQuiet(KEYS[4]) then
                redis.call('DEL', KEYS[4])
            else
                remember(tonumber(ARGV[8]))
                local tags = held and held.tags or {}
                redis.call('SET', KEYS[4],
                    cmsgpack.pack({value = ARGV[6], at = advance(), under = id, tags = tags}), 'PX', ARGV[7])
            end
            say(ARGV[9])
            return {'done'}
            """);

    /** Makes all that is stored stale. KEYS: …, signal. ARGV: …, quiet time in microseconds. */
    static final Script FLUSH = Script.of(CURRENT + """
            quiet = now + tonumber(ARGV[4])
            renew()
            redis.call('SET', KEYS[4], '')
            redis.call('DEL', KEYS[4])
            return {'done'}
            """);

    /** Which id the shard has, and how many messages were published under it. */
    static final Script SAID = Script.of(CURRENT + """
            return {id, text(said)}
            """);

    private CacheScripts() {}
}
