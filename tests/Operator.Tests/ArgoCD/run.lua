-- Runs health.lua as Argo CD does: with the base and table libraries, os.time and os.date behind require, and no methods on strings.
-- arg: the script, a file that returns the object as a table, the time in seconds since 1970. Prints the health, a tab and the message.
local script, object, now = arg[1], arg[2], math.tointeger(tonumber(arg[3]))
local os_date, read, write = os.date, loadfile, io.write
local safe_os = {
  time = function() return now end,
  date = function(format, time) return os_date(format, time) end,
}
local sandbox = {
  ipairs = ipairs, pairs = pairs, next = next, type = type, tostring = tostring, tonumber = tonumber, error = error, select = select,
  pcall = pcall, table = table,
  require = function(name)
    if name == "os" then return safe_os end
    error("module '" .. name .. "' not found")
  end,
  obj = read(object, "t", {})(),
}
local chunk = assert(read(script, "t", sandbox))
debug.setmetatable("", nil)
local result = chunk()
write(result.status, "\t", result.message, "\n")
