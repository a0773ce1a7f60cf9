-- ff-vfx: give the macro's other tools what its first has.
local found, ff = pcall(require, "ff_vfx")
if not found then
    print("ff-vfx: ff_vfx.lua is not in Fusion/Modules/Lua; run `ff-vfx hosts install resolve`")
    return
end
local env = { comp = comp, fusion = fusion, bmd = bmd }
ff.command(env, ff.follow)
