-- ff-vfx: end what is at work on the selected node's plate.
local found, ff = pcall(require, "ff_vfx")
if not found then return print("ff-vfx: Modules/Lua/ff_vfx.lua is absent; run `ff-vfx hosts install resolve`") end
ff.command({ comp = comp, fusion = fusion, bmd = bmd }, ff.cancel)
