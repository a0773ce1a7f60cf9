-- A Fusion with as much as ff-vfx's scripts use, and what was done to it. Whoever asks it for the time fails.

local function tool(kind, name, values, parent)
    local made = { ID = kind, Name = name, held = values, ParentTool = parent }
    function made:GetInput(id, time)
        assert(time == nil, "an input is asked for at a time of the host")
        return self.held[id]
    end
    function made:SetInput(id, value, time)
        assert(time == nil, "an input is set at a time of the host")
        self.held[id] = value
    end
    function made:SetAttrs(attrs) self.Name = attrs.TOOLS_Name end
    return made
end

local timeless = {
    __index = function(_, name)
        assert(not name:find("Time", 1, true) and not name:find("Frame", 1, true), name .. ": the host's time is asked for")
    end,
}

function new_fusion(folder, answers, closed)
    local comp = setmetatable({ tools = {}, added = {}, pasted = {}, asked = {}, locked = 0, undone = 0 }, timeless)
    function comp:GetToolList(selected, kind)
        assert(selected == false)
        local found = {}
        for _, one in ipairs(self.tools) do
            if one.ID == kind then found[#found + 1] = one end
        end
        return found
    end
    function comp:AskUser(title, fields)
        local said = {}
        for _, field in ipairs(fields) do
            assert(type(field[1]) == "string" and (field[2] == "Text" or field[2] == "FileBrowse"), "no such control")
            if answers[field[1]] ~= nil then said[field[1]] = answers[field[1]] else said[field[1]] = field.Default end
            self.asked[#self.asked + 1] = { title = title, name = field[1], default = field.Default }
        end
        if closed then return nil end
        return said
    end
    function comp:AddTool(kind, x, y)
        self.added[#self.added + 1] = tool(kind, kind .. #self.added + 1, {})
        return self.added[#self.added]
    end
    function comp:Paste(tools) self.pasted[#self.pasted + 1] = tools return true end
    function comp:Lock() self.locked = self.locked + 1 end
    function comp:Unlock() self.locked = self.locked - 1 end
    function comp:StartUndo(name) self.undone = self.undone + 1 end
    function comp:EndUndo(keep) self.undone = self.undone - 1 end
    function comp:give(name, values, macro)
        local parent = macro and { Name = macro } or nil
        self.tools[#self.tools + 1] = tool("ofx.com.ffvfx.facefuse", name, values, parent)
        return self.tools[#self.tools]
    end
    local fusion = setmetatable({}, timeless)
    function fusion:MapPath(path)
        assert(path == "Temp:/" or path == "Profile:/", path)
        return folder .. "/" .. path:sub(1, -3):lower() .. "/"
    end
    local bmd = {
        wait = function(seconds) os.execute("sleep " .. seconds) end,
        readstring = function(text) return text ~= "" and text or nil end,
    }
    return { comp = comp, fusion = fusion, bmd = bmd }
end
