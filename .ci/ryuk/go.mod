// The stand-in for testcontainers' reaper: no part of the service, and without
// dependencies, so that it builds where nothing can be fetched.
module github.com/pretendfriend/falafel-api/ci/ryuk

go 1.26
