package io.forebay.redis;

import io.forebay.redis.internal.Script;

/**
 * What is done to a buffer in Redis, each in one script, so whole or not at all. Numbers of sets are microseconds of the
 * server's clock when their generation began, counted up: below 2^53, so Lua's doubles hold them exactly. The only
 * arithmetic on what users wrote is HINCRBY.
 *
 * <p>Each script that a partition's writers or flushers call begins with {@link #CURRENT}: it sees at once, in the same
 * step as what it does, that Redis is not the one that it was.
 */
final class BufferScripts {
    /**
     * KEYS: meta, closed, writers, … ARGV: journal, the highest number that the caller knows to be given away or active, …
     *
     * <p>A Redis that was started, or became the primary, has a new replication id. It may have lost its last writes, so
     * no number that it may have given away is used again: a new generation begins above all of them. The same if
     * somebody knows a number that Redis does not.
     */
    private static final String CURRENT = """
            local time = redis.call('TIME')
            local micros = time[1] * 1000000 + time[2]
            local millis = math.floor(micros / 1000)
            local function text(number) return string.format('%.0f', number) end
            local meta = redis.call('HMGET', KEYS[1], 'journal', 'server', 'active', 'rows', 'bytes', 'begun', 'backlog',
                'released', 'wanted', 'generation')
            if meta[1] and meta[1] ~= ARGV[1] then return {'other', meta[1]} end
            local active, rows, bytes = tonumber(meta[3] or '0'), tonumber(meta[4] or '0'), tonumber(meta[5] or '0')
            local begun, backlog = tonumber(meta[6] or '0'), tonumber(meta[7] or '0')
            local released, wanted = tonumber(meta[8] or '0'), tonumber(meta[9] or '0')
            local generation = tonumber(meta[10] or '0')
            local known = tonumber(ARGV[2])

            local function close(nextNumber)
                if rows > 0 then
                    redis.call('ZADD', KEYS[2], text(active), text(active) .. ':' .. text(begun) .. ':' .. text(bytes))
                end
                active, rows, bytes, begun = nextNumber, 0, 0, 0
                redis.call('HSET', KEYS[1], 'active', text(active), 'rows', '0', 'bytes', '0', 'begun', '0')
            end

            local function renew(server)
                close(math.max(micros, active + 1, known + 1))
                generation = active
                redis.call('HSET', KEYS[1], 'journal', ARGV[1], 'server', server, 'generation', text(generation))
            end

            local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
            if meta[2] ~= server or active < known then renew(server) end

            local function newest()
                if rows > 0 then return active end
                local last = redis.call('ZREVRANGE', KEYS[2], 0, 0)[1]
                return math.max(released, last and tonumber(string.match(last, '^%d+')) or 0)
            end
            """;

    /**
     * Adds a window to the active set. KEYS: …, rows, values and appends of the set in ARGV[2]. ARGV: …, writer, number,
     * newest number the writer was told is in, limits of rows and bytes, bytes of the window, number of rows, then key,
     * shape and content of each, then the rows without a key.
     *
     * <p>A row's header in {@code rows} is its index, the number of its entries, and the shapes that it was counted in: kind
     * and columns, with zero bytes between them and two around each. Its counters come before its entries; once it has
     * an entry everything is one.
     */
    static final Script APPEND = Script.of(CURRENT + """
            local writer, number, told = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
            local last, set = 0, 0
            local record = redis.call('HGET', KEYS[3], writer)
            if record then
                local l, s = string.match(record, '^(%d+):(%d+)')
                last, set = tonumber(l), tonumber(s)
            end
            if last >= number then return {'in', set, active, backlog, generation} end
            if last < told then
                if generation ~= active or rows > 0 then renew(server) end
                return {'lost', last, active}
            end
            if active ~= known then return {'moved', active} end

            local function negative(delta)
                return string.sub(delta, 1, 1) == '-' and string.sub(delta, 2) or '-' .. delta
            end
            local function count(row, shape, deltas)
                local done = {}
                for delta in string.gmatch(deltas, '[^,]+') do
                    local sum = redis.pcall('HINCRBY', KEYS[5], row .. ':' .. (#done + 1) .. ':' .. shape, delta)
                    if type(sum) == 'table' then
                        for i, undone in ipairs(done) do
                            redis.call('HINCRBY', KEYS[5], row .. ':' .. i .. ':' .. shape, negative(undone))
                        end
                        return false
                    end
                    done[#done + 1] = delta
                end
                return true
            end
            local function add(key, shape, content)
                local row, entries, shapes = text(rows), '0', '\\0\\0'
                local header = redis.call('HGET', KEYS[4], key)
                if header then
                    row, entries = string.match(header, '^(%d+):(%d+)')
                    shapes = string.sub(header, #row + #entries + 2)
                else
                    rows = rows + 1
                end
                local countable = shape ~= '' and entries == '0'
                    and (#shapes == 2 or string.sub(shapes, 3, 3) == string.sub(shape, 1, 1))
                if countable and count(row, shape, content) then
                    if string.find(shapes, '\\0\\0' .. shape .. '\\0\\0', 1, true) then return end
                    shapes = shapes .. shape .. '\\0\\0'
                else
                    entries = text(tonumber(entries) + 1)
                    local entry = shape == '' and 'S' or 'C' .. shape .. '\\0\\0'
                    redis.call('HSET', KEYS[5], row .. '#' .. entries, entry .. content)
                end
                redis.call('HSET', KEYS[4], key, row .. ':' .. entries .. shapes)
            end

            if rows == 0 then begun = millis end
            local position = 10
            for i = 1, tonumber(ARGV[9]) do
                add(ARGV[position], ARGV[position + 1], ARGV[position + 2])
                position = position + 3
            end
            for i = position, #ARGV do
                redis.call('RPUSH', KEYS[6], ARGV[i])
                rows = rows + 1
            end
            bytes = bytes + tonumber(ARGV[8])
            backlog = backlog + tonumber(ARGV[8])
            set = active
            redis.call('HSET', KEYS[1], 'rows', text(rows), 'bytes', text(bytes), 'begun', text(begun),
                'backlog', text(backlog))
            redis.call('HSET', KEYS[3], writer, ARGV[4] .. ':' .. text(set) .. ':' .. time[1])
            if rows >= tonumber(ARGV[6]) or bytes >= tonumber(ARGV[7]) then close(active + 1) end
            return {'in', set, active, backlog, generation}
            """);

    /**
     * For who flushes the partition: closes the active set if somebody asked for it or it is old enough. ARGV: …, highest
     * age in milliseconds, the number after which sets are wanted, how many of them.
     */
    static final Script TAKE = Script.of(CURRENT + """
            if rows > 0 and (wanted >= active or millis - begun >= tonumber(ARGV[3])) then close(active + 1) end
            local sets = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[4], '+inf', 'LIMIT', '0', ARGV[5])
            return {'in', wanted > released and wanted or 0, millis, backlog, sets}
            """);

    /** Asks for a flush of all there is. */
    static final Script ASK = Script.of(CURRENT + """
            if newest() > wanted then redis.call('HSET', KEYS[1], 'wanted', text(newest())) end
            return {'in'}
            """);

    static final Script RANGE = Script.of(CURRENT + """
            return {'in', released, newest(), rows > 0 and active or active - 1}
            """);

    /** How it stands, for a writer that may not write or flush. ARGV: …, writer. */
    static final Script LOOK = Script.of(CURRENT + """
            local record = redis.call('HGET', KEYS[3], ARGV[3])
            local last = record and tonumber(string.match(record, '^%d+')) or 0
            return {'in', last, backlog, active, generation}
            """);

    /** Renews the time of a writer's record and drops those that nobody renewed. ARGV: …, writer, seconds. */
    static final Script TIDY = Script.of(CURRENT + """
            local records = redis.call('HGETALL', KEYS[3])
            for i = 1, #records, 2 do
                local what, since = string.match(records[i + 1], '^(%d+:%d+):(%d+)')
                if records[i] == ARGV[3] then
                    redis.call('HSET', KEYS[3], records[i], what .. ':' .. time[1])
                elseif tonumber(since) < time[1] - tonumber(ARGV[4]) then
                    redis.call('HDEL', KEYS[3], records[i])
                end
            end
            return {'in'}
            """);

    /**
     * Deletes what the database holds: of the sets that the caller names those, and only those, that are no higher than
     * what it holds. KEYS: …, three of each set. ARGV: …, the number it holds, the sets as in {@code closed}.
     */
    static final Script RELEASE = Script.of(CURRENT + """
            local upTo = tonumber(ARGV[3])
            local gone = 0
            for i = 4, #ARGV do
                local number, size = string.match(ARGV[i], '^(%d+):%d+:(%d+)')
                if tonumber(number) <= upTo and redis.call('ZREM', KEYS[2], ARGV[i]) == 1 then
                    local at = 4 + (i - 4) * 3
                    redis.call('UNLINK', KEYS[at], KEYS[at + 1], KEYS[at + 2])
                    backlog = math.max(0, backlog - tonumber(size))
                    gone = gone + 1
                end
            end
            if upTo > released then redis.call('HSET', KEYS[1], 'released', text(upTo)) end
            redis.call('HSET', KEYS[1], 'backlog', text(backlog))
            return {'in', gone, backlog}
            """);

    /** A closed set as a whole, or nothing if it is gone. KEYS: …, three of the set. ARGV: the set as in {@code closed}. */
    static final Script READ = Script.of("""
            if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return {} end
            return {redis.call('HGETALL', KEYS[4]), redis.call('HGETALL', KEYS[5]), redis.call('LRANGE', KEYS[6], 0, -1)}
            """);

    /**
     * What is pending for a row, in all sets at once. KEYS: …, rows and values of each set that the caller believes in.
     * ARGV: writer, row key, their numbers. Answers with the right numbers if one is missing.
     */
    static final Script TAIL = Script.of("""
            local record = redis.call('HGET', KEYS[3], ARGV[1])
            local last = record and tonumber(string.match(record, '^%d+')) or 0
            local meta = redis.call('HMGET', KEYS[1], 'released', 'active', 'rows')
            local believed = {}
            for i = 3, #ARGV do believed[ARGV[i]] = 4 + (i - 3) * 2 end
            local there = {}
            for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. (meta[1] or '0'), '+inf')) do
                there[#there + 1] = string.match(member, '^%d+')
            end
            if meta[3] and meta[3] ~= '0' then there[#there + 1] = meta[2] end
            for _, number in ipairs(there) do
                if not believed[number] then return {'moved', there} end
            end

            local slices = {}
            for _, number in ipairs(there) do
                local at = believed[number]
                local header = redis.call('HGET', KEYS[at], ARGV[2])
                if header then
                    local _, behind, row, entries = string.find(header, '^(%d+):(%d+)')
                    local fields = {}
                    local from = behind + 3
                    while from <= #header do
                        local to = string.find(header, '\\0\\0', from, true)
                        local shape = string.sub(header, from, to - 1)
                        local _, more = string.gsub(shape, '%z', '')
                        for i = 1, more + 1 do fields[#fields + 1] = row .. ':' .. i .. ':' .. shape end
                        from = to + 2
                    end
                    for i = 1, tonumber(entries) do fields[#fields + 1] = row .. '#' .. i end
                    local values = {}
                    for _, field in ipairs(fields) do
                        values[#values + 1] = field
                        values[#values + 1] = redis.call('HGET', KEYS[at + 1], field)
                    end
                    slices[#slices + 1] = {number, header, values}
                end
            end
            return {'in', last, tonumber(meta[1] or '0'), slices, tonumber(meta[2] or '1') - 1}
            """);

    /** KEYS: facts. ARGV: what they are if there are none yet: journal, partitions, format. */
    static final Script FACTS = Script.of("""
            local made = 0
            if redis.call('HEXISTS', KEYS[1], 'journal') == 0 then
                redis.call('HSET', KEYS[1], 'journal', ARGV[1], 'partitions', ARGV[2], 'format', ARGV[3])
                made = 1
            end
            local facts = redis.call('HMGET', KEYS[1], 'journal', 'partitions', 'format')
            return {made, facts[1], facts[2], facts[3]}
            """);

    /**
     * Tries every command that the other scripts use, so that one that is forbidden is known before anything is
     * written. KEYS: five that nobody uses. Returns what Redis says of its memory.
     */
    static final Script PROBE = Script.of("""
            redis.call('HSET', KEYS[1], 'a', '1')
            redis.call('HGET', KEYS[1], 'a')
            redis.call('HMGET', KEYS[1], 'a', 'b')
            redis.call('HEXISTS', KEYS[1], 'a')
            redis.call('HGETALL', KEYS[1])
            redis.call('HINCRBY', KEYS[1], 'a', '1')
            redis.call('HDEL', KEYS[1], 'a')
            redis.call('ZADD', KEYS[2], '1', 'a')
            redis.call('ZSCORE', KEYS[2], 'a')
            redis.call('ZRANGE', KEYS[2], '0', '-1')
            redis.call('ZREVRANGE', KEYS[2], '0', '0')
            redis.call('ZRANGEBYSCORE', KEYS[2], '(0', '+inf', 'LIMIT', '0', '1')
            redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '0')
            redis.call('ZREM', KEYS[2], 'a')
            redis.call('RPUSH', KEYS[3], 'a')
            redis.call('LRANGE', KEYS[3], '0', '-1')
            redis.call('SET', KEYS[4], 'a', 'NX', 'PX', '1000')
            redis.call('PEXPIRE', KEYS[4], '1000')
            redis.call('GET', KEYS[4])
            redis.call('DEL', KEYS[4])
            redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
            redis.call('TIME')
            if not string.find(redis.call('INFO', 'replication'), 'master_replid:%w') then return {'unknown server'} end
            return {'in', redis.call('INFO', 'memory')}
            """);

    /** KEYS: feeds. ARGV: one's name, milliseconds after which a silent one is gone. Returns all names. */
    static final Script ANNOUNCE = Script.of("""
            local time = redis.call('TIME')
            local millis = time[1] * 1000 + math.floor(time[2] / 1000)
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', millis - tonumber(ARGV[2])))
            redis.call('ZADD', KEYS[1], string.format('%.0f', millis), ARGV[1])
            return redis.call('ZRANGE', KEYS[1], '0', '-1')
            """);

    static final Script LEAVE = Script.of("return redis.call('ZREM', KEYS[1], ARGV[1])");

    /** Takes or renews a lease. ARGV: one's name, milliseconds. */
    static final Script LEASE = Script.of("""
            local holder = redis.call('GET', KEYS[1])
            if holder == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
            if holder then return 0 end
            redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
            return 1
            """);

    static final Script GIVE_BACK = Script.of("""
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('DEL', KEYS[1])
            """);

    private BufferScripts() {}
}
