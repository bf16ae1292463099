-- All requests are made before the first is sent; they differ in the number at each $.
-- operation, body, headers and distinct, how many there are, are written above this.
local requests, last = {}, 0

init = function(args)
  headers["X-Amz-Target"] = "DynamoDB_20120810." .. operation
  for i = 1, distinct do
    requests[i] = wrk.format("POST", "/", headers, (body:gsub("%$", tostring(i))))
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
