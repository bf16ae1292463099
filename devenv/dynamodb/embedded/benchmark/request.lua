-- All requests are made before the first is sent; they differ in the number at each $. Each
-- comes in two versions, told apart by the digit at each ~, so that a write never finds
-- the item as it wants it: that would spare the server the work.
-- operation, body, headers and distinct, how many there are, are written above this.
local requests, last = {}, 0

init = function(args)
  headers["X-Amz-Target"] = "DynamoDB_20120810." .. operation
  for version = 1, 2 do
    for i = 1, distinct do
      local text = body:gsub("%$", tostring(i)):gsub("~", tostring(version))
      requests[#requests + 1] = wrk.format("POST", "/", headers, text)
    end
  end
end

request = function()
  last = last % #requests + 1
  return requests[last]
end

-- One line that a program can read, after the ones for people.
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %.0f %.0f %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
