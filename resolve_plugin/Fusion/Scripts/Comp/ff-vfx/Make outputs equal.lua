-- ff-vfx: give the macro's other tools what its first has.
local found, ff = pcall(require, "ff_vfx")
if not found then return print("ff-vfx: Modules/Lua/ff_vfx.lua is absent; run `ff-vfx hosts install resolve`") end
ff.command({ comp = comp, fusion = fusion, bmd = bmd }, ff.follow)
