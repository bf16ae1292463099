wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"comment":"Crisp outside, green inside, and the sauce is worth the queue."}'
