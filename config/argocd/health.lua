-- The health of a ModelDeployment for Argo CD.
--
-- Healthy: it does what is wanted, be it nothing (replicas 0, planOnly). Suspended: spec.suspend. Degraded: only the user can mend it, or
-- it has waited for too long. Progressing: it is on its way. Every Progressing ends: what works has two hours since the last change of a
-- condition, what waits for something outside (GPUs, a source, a server that refuses) has ten minutes, after which it is Degraded.
-- While it is Progressing a sync waits, and a later sync wave does not begin.
--
-- Argo CD runs this without the string library; times compare as text, for RFC 3339 in UTC sorts by time.
local os = require("os")

local WORK = 2 * 60 * 60
local WAIT = 10 * 60

-- Reasons of Ready and Reconciling that wait for something outside.
local waits = {
  GroupsNotReady = true,
  WaitingForCapacity = true,
  Retrying = true,
}

local function health(status, message)
  return { status = status, message = message or "" }
end

local function is_older(time, seconds)
  return time ~= nil and time < os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - seconds)
end

local function later(one, other)
  if one == nil or (other ~= nil and one < other) then
    return other
  end
  return one
end

-- The API server gives a new object the observedGeneration -1, which the operator's first status replaces.
local status = obj.status
if status == nil or status.conditions == nil or #status.conditions == 0 or (status.observedGeneration or -1) < 0 then
  if is_older(obj.metadata.creationTimestamp, WAIT) then
    return health("Degraded", "no operator has looked at it for ten minutes; does gpustack-operator run, and does it watch this namespace?")
  end
  return health("Progressing", "waits for the operator to look at it")
end

local conditions = {}
local changed = nil
for _, condition in ipairs(status.conditions) do
  conditions[condition.type or ""] = condition
  changed = later(condition.lastTransitionTime, changed)
end
changed = changed or obj.metadata.creationTimestamp

-- The operator answers a changed spec within moments. When it changed is what managedFields say, where Argo CD hands them over.
if status.observedGeneration ~= obj.metadata.generation then
  local written = nil
  for _, manager in ipairs(obj.metadata.managedFields or {}) do
    if manager.subresource ~= "status" then
      written = later(manager.time, written)
    end
  end
  if is_older(written, WAIT) then
    return health("Degraded", "the operator has not looked at the changed spec for ten minutes; does gpustack-operator run, and does it watch this namespace?")
  end
  return health("Progressing", "the operator has not looked at the changed spec yet")
end

local ready = conditions.Ready or { status = "Unknown", reason = "", message = "it has no Ready condition" }
local stalled = conditions.Stalled or { status = "False" }
local reconciling = conditions.Reconciling or { status = "False", reason = "" }

if stalled.status == "True" then
  return health("Degraded", (stalled.reason or "") .. ": " .. (stalled.message or ""))
end
if ready.reason == "StartupTimeout" then
  return health("Degraded", "StartupTimeout: " .. (ready.message or ""))
end
if ready.status == "True" and reconciling.status ~= "True" then
  if ready.reason == "Suspended" then
    return health("Suspended", ready.message)
  end
  return health("Healthy", ready.message)
end

-- The more telling of the two: what is missing, or, while everything serves, what is still going on.
local telling = ready
if ready.status == "True" then
  telling = reconciling
end
local patience = WORK
-- Groups that make room for the changed spec are not ready because they load; that is work.
if waits[reconciling.reason or ""] or (waits[ready.reason or ""] and reconciling.reason ~= "RollingOut") then
  patience = WAIT
end
local message = (telling.reason or "") .. ": " .. (telling.message or "")
if is_older(changed, patience) then
  return health("Degraded", message .. " (no change since " .. changed .. ")")
end
return health("Progressing", message)
