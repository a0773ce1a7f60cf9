-- Runs the ff-vfx program for a script of Fusion: beside it, with progress, and so that another script can cancel it.
-- Read by ff_vfx.lua. `env` everywhere: { comp =, fusion =, bmd = }, as a script of Fusion has them.

local program = {}

local WINDOWS = package.config:sub(1, 1) == "\\"
local HERE = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local OWN_FILE = "ff_vfx_executable.txt"
local START_SECONDS = 15 -- in which a program that was started has said that it runs
local NOT_INHERITED = {
    "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_FRAMEWORK_PATH",
    "PYTHONHOME", "PYTHONPATH", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH",
}

program.windows = WINDOWS

local function first_line(path)
    local file = io.open(path, "r")
    if not file then return "" end
    local line = file:read("*l") or ""
    file:close()
    return (line:gsub("^%s+", ""):gsub("%s+$", ""))
end

local function there(path)
    local file = io.open(path, "rb")
    if file then file:close() end
    return file ~= nil
end

function program.read(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local text = file:read("*a")
    file:close()
    return text
end

function program.write(path, text)
    local file, reason = io.open(path, "wb")
    if not file then error({ told = path .. ": cannot be written (" .. tostring(reason) .. ")" }) end
    file:write(text)
    file:close()
end

-- A word of a command line, whatever is in it.
function program.quoted(word, windows)
    if windows then
        if word:find('"', 1, true) then error({ told = word .. ": no quotation marks can be in it" }) end
        return '"' .. word:gsub("%%", "%%%%"):gsub("\\$", "\\\\") .. '"'
    end
    return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function on_the_path()
    local pipe = io.popen(WINDOWS and "where ff-vfx 2>nul" or "command -v ff-vfx 2>/dev/null")
    if not pipe then return "" end
    local line = pipe:read("*l") or ""
    pipe:close()
    return line
end

-- Where the program is: FF_VFX_EXECUTABLE, a file beside this one (the installer's, of either name), the profile's, the PATH.
function program.find(env)
    local own = env.fusion:MapPath("Profile:/") .. OWN_FILE
    local places = {
        { "FF_VFX_EXECUTABLE", os.getenv("FF_VFX_EXECUTABLE") or "" },
        { HERE .. "executable.txt", first_line(HERE .. "executable.txt") },
        { HERE .. OWN_FILE, first_line(HERE .. OWN_FILE) },
        { own, first_line(own) },
    }
    for _, place in ipairs(places) do
        if place[2] ~= "" then
            if there(place[2]) then return place[2] end
            error({ told = place[1] .. " says ff-vfx is " .. place[2] .. "\nNo such file; correct it there." })
        end
    end
    local found = on_the_path()
    if found ~= "" then return found end
    error({ told = "The ff-vfx program was not found.\n"
        .. "Choose it: Workspace > Scripts > Comp > ff-vfx > Where ff-vfx is, or set the environment variable FF_VFX_EXECUTABLE to it." })
end

function program.choose(env, path)
    if not there(path) then error({ told = path .. ": no such file" }) end
    local own = env.fusion:MapPath("Profile:/") .. OWN_FILE
    program.write(own, path .. "\n")
    return own
end

-- A name in the temporary folder that is the same for the same text.
function program.scratch(env, text, ending)
    local hash = 5381
    for index = 1, #text do hash = (hash * 33 + text:byte(index)) % 4294967296 end
    return env.fusion:MapPath("Temp:/") .. ("ff-vfx-%08x%s"):format(hash, ending)
end

local function posix_script(words, base)
    local line = {}
    for index, word in ipairs(words) do line[index] = program.quoted(word, false) end
    local q = function(ending) return program.quoted(base .. ending, false) end
    return table.concat({
        "unset " .. table.concat(NOT_INHERITED, " "),
        table.concat(line, " ") .. " > " .. q(".log") .. " 2>&1 < /dev/null &",
        "child=$!",
        "echo $child > " .. q(".pid"),
        "wait $child",
        "echo $? > " .. q(".part") .. " && mv -f " .. q(".part") .. " " .. q(".rc"),
        "rm -f " .. q(".pid"),
        "",
    }, "\n")
end

local function windows_script(words, base)
    local line = {}
    for index, word in ipairs(words) do line[index] = program.quoted(word, true) end
    local q = function(ending) return program.quoted(base .. ending, true) end
    local lines = { "@echo off", "chcp 65001 >nul" }
    for _, name in ipairs(NOT_INHERITED) do lines[#lines + 1] = "set " .. name .. "=" end
    lines[#lines + 1] = "echo 1> " .. q(".pid")
    lines[#lines + 1] = table.concat(line, " ") .. " > " .. q(".log") .. " 2>&1 < nul"
    lines[#lines + 1] = "echo %errorlevel%> " .. q(".rc")
    lines[#lines + 1] = "del " .. q(".pid")
    lines[#lines + 1] = ""
    return table.concat(lines, "\r\n")
end

-- What is run in the background, and the line that starts it. words: the program and its arguments.
function program.script(words, base, windows)
    if windows then
        local title = base:match("[^/\\]+$")
        return windows_script(words, base), base .. ".cmd",
            'start "' .. title .. '" /min cmd /c ' .. program.quoted(base .. ".cmd", true)
    end
    local line = "/bin/sh " .. program.quoted(base .. ".sh", false) .. " >/dev/null 2>&1 &"
    return posix_script(words, base), base .. ".sh", line
end

local function clean(base)
    for _, ending in ipairs({ ".rc", ".part", ".log", ".pid" }) do os.remove(base .. ending) end
end

-- The last step that was told, and what was said besides.
function program.heard(log)
    local step, said = nil, {}
    for line in (log or ""):gmatch("[^\r\n]+") do
        local stage, done, total = line:match("^progress (%S+) (%d+) (%d+)$")
        if stage then
            step = total == "0" and stage or ("%s %s of %s"):format(stage, done, total)
        else
            said[#said + 1] = line
        end
    end
    while #said > 30 do table.remove(said, 1) end
    return step, table.concat(said, "\n")
end

-- Runs it to its end. arguments: without the program. key: names the run for `cancel`. good: { [code] = true }.
-- Gives what was said at the end; an error tells what went wrong.
function program.run(env, arguments, key, good)
    local base = program.scratch(env, key, "")
    if there(base .. ".pid") then
        error({ told = "ff-vfx is at work on this already; wait for it, or run Cancel." })
    end
    clean(base)
    local words = { program.find(env), "--progress-lines" }
    for _, word in ipairs(arguments) do words[#words + 1] = word end
    local text, file, line = program.script(words, base, WINDOWS)
    program.write(file, text)
    os.execute(line)
    local before, waited = nil, 0
    while not there(base .. ".rc") do
        env.bmd.wait(0.25)
        waited = waited + 0.25
        local log = program.read(base .. ".log")
        if not log and waited > START_SECONDS then
            error({ told = "ff-vfx could not be started: " .. words[1] })
        end
        local step = program.heard(log)
        if step and step ~= before then print("ff-vfx: " .. step) end
        before = step
    end
    local code = tonumber((program.read(base .. ".rc") or ""):match("%d+"))
    local _, said = program.heard(program.read(base .. ".log"))
    clean(base)
    os.remove(file)
    if code == 130 or code == 143 then error({ told = "cancelled", quiet = true }) end
    if not (good or { [0] = true })[code] then
        local why = said ~= "" and said or "exit code " .. tostring(code)
        error({ told = "ff-vfx " .. arguments[1] .. " failed.\n" .. why })
    end
    return said
end

-- Ends a run; true when there was one.
function program.cancel(env, key)
    local base = program.scratch(env, key, "")
    local pid = (program.read(base .. ".pid") or ""):match("%d+")
    if not pid then return false end
    if WINDOWS then
        os.execute('taskkill /t /f /fi "WINDOWTITLE eq ' .. base:match("[^/\\]+$") .. '*" >nul 2>&1')
        program.write(base .. ".rc", "130")
        os.remove(base .. ".pid")
    else
        os.execute("kill " .. pid .. " 2>/dev/null || rm -f " .. program.quoted(base .. ".pid", false))
    end
    return true
end

return program
