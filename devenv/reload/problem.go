package reload

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/rs/cors"
)

// The types of the problems that the environment itself answers. The API has others.
const (
	problemStarting    = "/problems/starting"
	problemBuildFailed = "/problems/build-failed"
	problemNotRunning  = "/problems/not-running"
	problemEnded       = "/problems/ended"
	problemStopping    = "/problems/stopping"
)

// problemPages say under a type's own address what it means (RFC 9457, section 3.1.1):
// also while no API runs that could.
var problemPages = map[string]string{
	problemStarting:    "The API is being built and started, and takes longer than a request waits. Ask again in a moment; the terminal of the environment tells how far it is.",
	problemBuildFailed: "The API does not compile, and no build from before runs. The detail of the problem has the compiler's words: mend the file and save it.",
	problemNotRunning:  "The API could not be started. The detail of the problem says why: mend it and save a file below api/.",
	problemEnded:       "The API ended by itself, perhaps while it was asked. The detail of the problem has its last words, the terminal of the environment all of them: mend it and save.",
	problemStopping:    "The environment is stopping. Start it again: go run ./devenv",
}

// A problem is why no build runs, as its clients read it (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// LocalOrigins are the pages that are served on this machine, as CORS has it.
var LocalOrigins = []string{"http://localhost:*", "http://127.0.0.1:*"}

// allowed lets such a page read why there is no API, and ask before it sends what a
// browser asks for.
var allowed = cors.New(cors.Options{
	AllowedOrigins: LocalOrigins,
	AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
	AllowedHeaders: []string{"*"},
	ExposedHeaders: []string{"Retry-After"},
	MaxAge:         -1, // the API has its own opinion, as soon as it runs
})

// answer is the problem as a response.
func (p *problem) answer(w http.ResponseWriter, r *http.Request) {
	allowed.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { p.write(w) })).ServeHTTP(w, r)
}

func (p *problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(1))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
