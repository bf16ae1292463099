-- Many restaurants: writers of one wait for each other, which is not what is measured.
local requests, last = {}, 0

init = function(args)
  for i = 1, 1000 do
    requests[i] = wrk.format("POST", "/v1/restaurants/Habibi" .. i .. "/reviews", {["Content-Type"] = "application/json"},
      '{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"comment":"Crisp outside, green inside, and the sauce is worth the queue."}')
  end
end

request = function()
  last = last % #requests + 1
  return requests[last]
end

