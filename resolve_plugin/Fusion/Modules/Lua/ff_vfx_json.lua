-- Plain data as JSON text. Read by ff_vfx.lua.

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function json_string(text)
    local function escaped(char) return ESCAPES[char] or ("\\u%04x"):format(char:byte()) end
    return '"' .. text:gsub('[%c"\\]', escaped) .. '"'
end

-- A table with keys is an object; { raw = text } is JSON already; { list = {...} } is a list.
local function json(value)
    if type(value) == "string" then return json_string(value) end
    if type(value) == "number" then return value % 1 == 0 and ("%d"):format(value) or ("%.9g"):format(value) end
    if type(value) ~= "table" then return tostring(value) end
    if value.raw then return value.raw end
    local parts = {}
    if value.list then
        for index, item in ipairs(value.list) do parts[index] = json(item) end
        return "[" .. table.concat(parts, ", ") .. "]"
    end
    local names = {}
    for name in pairs(value) do names[#names + 1] = name end
    table.sort(names)
    for index, name in ipairs(names) do parts[index] = json_string(name) .. ": " .. json(value[name]) end
    return "{" .. table.concat(parts, ", ") .. "}"
end

return json
