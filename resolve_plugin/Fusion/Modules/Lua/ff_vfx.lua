-- What the ff-vfx scripts of Fusion do: track, bake, paste exports. Read by the scripts in Scripts/Comp/ff-vfx.
-- Lua alone, so that it works in the free edition of Resolve too. The host's time is never asked for: a plate's frame
-- is the host's plus the node's Frame offset, and what a script writes or pastes goes by that.

local params = require("ff_vfx_params")
local program = require("ff_vfx_program")

local ff = { json = require("ff_vfx_json") }

local TOOL = "ofx.com.ffvfx.facefuse"
local PATHS = { plate = true, performer = true, solve = true, matte = true, pack = true, models = true }
local BAKED = {
    { "Baked", { "R", "G", "B", "A" } },
    { "BakedFace", { "ffFace.R", "ffFace.G", "ffFace.B", "ffFace.A" } },
    { "BakedMatte", { "ffMatte.red", "ffMatte.green", "ffMatte.blue", "ffMatte.alpha" } },
}
local COLOURS = { "Red", "Green", "Blue", "Alpha" }

local function told(text) error({ told = text }) end

-- The FaceFuse that is meant: the selected macro's or node's, else the only one. Gives the tool that makes the result.
function ff.node(env)
    local active, found, chosen = env.comp.ActiveTool, {}, {}
    for _, tool in pairs(env.comp:GetToolList(false, TOOL)) do
        if (tonumber(tool:GetInput("host_output")) or 0) == 0 then
            found[#found + 1] = tool
            local parent = tool.ParentTool
            if active and (tool.Name == active.Name or (parent and parent.Name == active.Name)) then
                chosen[#chosen + 1] = tool
            end
        end
    end
    if #chosen == 1 then return chosen[1] end
    if #found == 1 then return found[1] end
    told(#found == 0 and "There is no FaceFuse in this comp: add the macro, Templates > Fusion > ff-vfx > FaceFuse."
        or "Select one FaceFuse in the flow.")
end

-- Gives the macro's other tools what its first has, wherever Fusion's expressions do not: they are equal already else.
function ff.follow(env)
    local first, told_of = ff.node(env), 0
    for _, tool in pairs(env.comp:GetToolList(false, TOOL)) do
        local parent, own = tool.ParentTool, first.ParentTool
        if tool.Name ~= first.Name and parent and own and parent.Name == own.Name then
            for _, param in ipairs(params) do
                local value = first:GetInput(param.name)
                if param.name ~= "host_output" and value ~= nil and tool:GetInput(param.name) ~= value then
                    tool:SetInput(param.name, value)
                    told_of = told_of + 1
                end
            end
            tool:SetInput("revision", first:GetInput("revision"))
        end
    end
    print("ff-vfx: " .. told_of .. " values were not equal")
end

local function same(value, default)
    if type(value) == "number" and type(default) == "number" then
        return math.abs(value - default) <= 1e-6 * math.max(1, math.abs(default))
    end
    return value == default
end

local function trimmed(value) return (tostring(value or ""):gsub("^%s+", ""):gsub("%s+$", "")) end

-- An input's value as a job has it; nil where it is the default.
function ff.said(param, value)
    local given
    if param.kind == "choice" then
        given = type(value) == "number" and param.choices[math.floor(value + 0.5) + 1] or trimmed(value)
    elseif param.kind == "bool" then
        given = value == true or value == 1
    elseif param.kind == "int" then
        given = math.floor((tonumber(value) or 0) + 0.5)
    elseif param.kind == "double" then
        given = tonumber(value) or 0
    else
        given = trimmed(value)
    end
    if same(given, param.default) then return nil end
    if param.written == "json" then
        if not given:match("^[%[{%-%d]") then
            told(param.name .. " is '" .. given .. "': write JSON, or leave it empty")
        end
        return { raw = given }
    end
    if param.written ~= "list" then return given end
    local list = {}
    for word in given:gmatch("[^,]+") do
        local number = tonumber(word)
        if not number or number % 1 ~= 0 then
            told(param.name .. " is '" .. given .. "': write frame numbers with commas, or leave it empty")
        end
        list[#list + 1] = number
    end
    return { list = list }
end

-- The node's job as a table for `ff.json`, without an output.
function ff.job(tool)
    local job, settings = {}, {}
    for _, param in ipairs(params) do
        local value = tool:GetInput(param.name)
        if param.written ~= "none" and value ~= nil then
            local given = ff.said(param, value)
            if given == nil then
                -- as it is by itself
            elseif param.name == "job_preset" then
                settings.preset = given
            elseif param.group == "job" then
                job[param.field] = PATHS[param.field] and given:gsub("\\", "/") or given
            else
                settings[param.group] = settings[param.group] or {}
                settings[param.group][param.field] = given
            end
        end
    end
    if not job.plate then
        told(tool.Name .. ": name the plate's files in Plate; a clip in the timeline has no path here.")
    end
    if next(settings) then job.settings = settings end
    return job
end

local function offset_of(tool) return math.floor((tonumber(tool:GetInput("host_frame_offset")) or 0) + 0.5) end

local function beside_plate(job, ending)
    local folder, name = job.plate:match("^(.*[/\\])([^/\\]+)$")
    if not folder then told("Plate is '" .. job.plate .. "': give a whole path") end
    return folder .. name:gsub("%.[^.]+$", ""):gsub("[.#]+$", ""):gsub("%.?[%%$][%w]+$", "") .. ending
end

-- Runs a script's work and shows what it says is wrong.
function ff.command(env, work)
    local ok, wrong = pcall(work, env)
    if ok then return true end
    local text = type(wrong) == "table" and wrong.told or tostring(wrong)
    print("ff-vfx: " .. text)
    if not (type(wrong) == "table" and wrong.quiet) then
        local field = { "What", "Text", Name = "", Default = text, Lines = 8, Wrap = true, ReadOnly = true }
        env.comp:AskUser("ff-vfx", { field })
    end
    return false
end

local function ask(env, title, fields)
    local said = env.comp:AskUser(title, fields)
    if not said then error({ told = "cancelled", quiet = true }) end
    return said
end

function ff.track(env)
    local tool = ff.node(env)
    local job = ff.job(tool)
    if not job.solve then
        local default = beside_plate(job, ".ffsolve.json")
        local field = { "Solve", "FileBrowse", Name = "Write the solve to", Default = default, Save = true }
        job.solve = trimmed(ask(env, "ff-vfx: track", { field }).Solve)
    end
    if job.solve == "" then told("Name a file for the solve.") end
    local words = { "track", job.plate, "-o", job.solve }
    for _, option in ipairs({ "plate_colour", "models", "pack", "device" }) do
        if job[option] then
            words[#words + 1] = "--" .. option:gsub("_", "-")
            words[#words + 1] = job[option]
        end
    end
    local settings = program.scratch(env, job.plate, ".settings.json")
    if job.settings then
        program.write(settings, ff.json(job.settings))
        words[#words + 1], words[#words + 2] = "--settings", settings
    end
    local ok, said = pcall(program.run, env, words, job.plate)
    os.remove(settings)
    if not ok then error(said, 0) end
    tool:SetInput("job_solve", job.solve)
    tool:SetInput("revision", (tonumber(tool:GetInput("revision")) or 0) + 1)
    print("ff-vfx: " .. job.solve .. "\n" .. said)
end

function ff.cancel(env)
    if not program.cancel(env, ff.job(ff.node(env)).plate) then print("ff-vfx: nothing is at work on this plate") end
end

local function numbers_in(log)
    local first, last
    for number in (log or ""):gmatch('"number":%s*(%-?%d+)') do
        number = tonumber(number)
        first, last = math.min(first or number, number), math.max(last or number, number)
    end
    return first, last
end

local function file_of(pattern, number)
    local name = pattern:gsub("#+", function(marks) return ("%0" .. #marks .. "d"):format(number) end)
    return (name:gsub("%%0?(%d*)d", function(width)
        return ("%0" .. (width == "" and "1" or width) .. "d"):format(number)
    end))
end

-- Loaders of what was baked: the picture, ffFace, ffMatte. A plate's frame lies where the node shows it.
function ff.load(env, pattern, first, last, offset)
    env.comp:Lock()
    for _, row in ipairs(BAKED) do
        local loader = env.comp:AddTool("Loader", -32768, -32768)
        loader:SetAttrs({ TOOLS_Name = "FaceFuse" .. row[1] })
        loader:SetInput("Clip", file_of(pattern, first))
        loader:SetInput("GlobalOut", last - offset)
        loader:SetInput("GlobalIn", first - offset)
        for index, colour in ipairs(COLOURS) do
            loader:SetInput("Clip1.OpenEXRFormat." .. colour .. "Name", row[2][index])
        end
    end
    env.comp:Unlock()
end

function ff.bake(env)
    local tool = ff.node(env)
    local job = ff.job(tool)
    local said = ask(env, "ff-vfx: bake all layers", {
        { "Output", "FileBrowse", Name = "EXR pattern", Default = beside_plate(job, ".ff.####.exr"), Save = true },
        { "Frames", "Text", Name = "Plate frames (empty: all)", Default = "", Lines = 1 },
    })
    job.output, job.frames = trimmed(said.Output):gsub("\\", "/"), trimmed(said.Frames)
    if job.frames == "" then job.frames = nil end
    if not job.output:match("%.exr$") or not job.output:match("[#%%]") then
        told("Output is '" .. job.output .. "': give an EXR pattern, such as /shots/sh010/ff/comp.####.exr")
    end
    local file, log = program.scratch(env, job.output, ".ffjob.json"), program.scratch(env, job.output, ".frames.jsonl")
    program.write(file, ff.json(job) .. "\n")
    os.remove(log)
    local words = { "fuse", "--job", file, "--log", log }
    local ok, ended = pcall(program.run, env, words, job.plate, { [0] = true, [3] = true })
    local first, last = numbers_in(program.read(log))
    os.remove(file)
    os.remove(log)
    if not ok then error(ended, 0) end
    print("ff-vfx: " .. job.output .. "\n" .. ended)
    if first then ff.load(env, job.output, first, last, offset_of(tool)) end
end

local ASKED = {
    ["fusion-tracker"] = { { "Points", "Text", Name = "Points (empty: the usual)", Default = "", Lines = 1 } },
    ["fusion-cornerpin"] = {
        { "Reference", "Text", Name = "Plate frame to carry along (empty: none)", Default = "", Lines = 1 },
    },
    ["fusion-polygon"] = {
        { "Shapes", "Text", Name = "Shapes (empty: all)", Default = "", Lines = 1 },
        { "Tolerance", "Text", Name = "Tolerance px", Default = "0", Lines = 1 },
    },
}

-- The track as Fusion's own tools. format: fusion-tracker, fusion-cornerpin, fusion-polygon.
function ff.export(env, format)
    local tool = ff.node(env)
    local job = ff.job(tool)
    local solve = job.solve or beside_plate(job, ".ffsolve.json")
    if not program.read(solve) then
        told(tool.Name .. ": not tracked yet (there is no " .. solve .. "). Run Track first.")
    end
    local out = program.scratch(env, solve .. format, ".setting")
    local words = { "export", solve, "--format", format, "-o", out, "--overwrite" }
    words[#words + 1], words[#words + 2] = "--offset", ("%d"):format(-offset_of(tool))
    for name, value in pairs(ask(env, "ff-vfx: " .. format, ASKED[format])) do
        if trimmed(value) ~= "" then
            words[#words + 1] = "--" .. name:lower()
            words[#words + 1] = trimmed(value)
        end
    end
    if job.face then words[#words + 1], words[#words + 2] = "--face", job.face end
    local ok, said = pcall(program.run, env, words, solve .. format)
    local text = program.read(out)
    os.remove(out)
    if not ok then error(said, 0) end
    local tools = env.bmd.readstring(text or "")
    if not tools then told("Fusion cannot read what was exported.") end
    env.comp:StartUndo("ff-vfx " .. format)
    env.comp:Paste(tools)
    env.comp:EndUndo(true)
end

function ff.where(env)
    local field = { "Program", "FileBrowse", Name = "The ff-vfx program", Default = "" }
    local said = ask(env, "ff-vfx: bin/ff-vfx of the environment it was installed in", { field })
    print("ff-vfx: remembered in " .. program.choose(env, trimmed(said.Program)))
end

return ff
