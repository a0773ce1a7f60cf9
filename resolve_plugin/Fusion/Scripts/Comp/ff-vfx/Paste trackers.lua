-- ff-vfx: the face's landmarks as Tracker tools.
local found, ff = pcall(require, "ff_vfx")
if not found then return print("ff-vfx: Modules/Lua/ff_vfx.lua is absent; run `ff-vfx hosts install resolve`") end
ff.command({ comp = comp, fusion = fusion, bmd = bmd }, function(given) ff.export(given, "fusion-tracker") end)
