package faults

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// wire is a fault as JSON has it.
type wire struct {
	Kind          Kind    `json:"kind"`
	AccessPattern string  `json:"access_pattern,omitzero"`
	Share         float64 `json:"share"`
	DelayMS       float64 `json:"delay_ms,omitzero"`
	Text          string  `json:"text,omitzero"` // the fault in words; only written
}

// MarshalJSON writes kind, access_pattern, share, delay_ms and text.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{f.Kind, f.AccessPattern, f.Share, float64(f.Delay) / float64(time.Millisecond), f.String()})
}

// maxBodyBytes is more than any fault needs.
const maxBodyBytes = 4 << 10

// Handler serves the switches:
//
//	GET    /api/faults                        those that are on
//	PUT    /api/faults                        switches one on: {"kind","access_pattern","share","delay_ms"}
//	DELETE /api/faults?kind=&access_pattern=  switches one off; without a query all of them
//
// Each answers with those that are on then, and refuses with problem details. It looks
// neither at Host nor at Origin: that is for what stands in front of it.
func Handler(p *Proxy) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/faults", func(w http.ResponseWriter, _ *http.Request) { p.list(w) })
	mux.HandleFunc("PUT /api/faults", p.put)
	mux.HandleFunc("DELETE /api/faults", p.delete)
	return mux
}

func (p *Proxy) list(w http.ResponseWriter) {
	faults := p.Faults()
	if faults == nil {
		faults = []Fault{}
	}
	respond.JSON(w, faults)
}

func (p *Proxy) put(w http.ResponseWriter, r *http.Request) {
	wanted := wire{Share: 1}
	if !respond.Read(w, r, maxBodyBytes, &wanted) {
		return
	}
	fault, err := wanted.fault()
	if err == nil {
		err = p.Switch(fault)
	}
	if err != nil {
		respond.Problem(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	p.list(w)
}

func (f wire) fault() (Fault, error) {
	if f.Text != "" {
		return Fault{}, errors.New("the text of a fault is made of the rest: leave it out")
	}
	// What a Duration cannot hold would come out as something else.
	if math.Abs(f.DelayMS) > float64(math.MaxInt64/int64(time.Millisecond)/2) {
		return Fault{}, fmt.Errorf("delay_ms is up to %d, and not %g", maxDelay.Milliseconds(), f.DelayMS)
	}
	return Fault{f.Kind, f.AccessPattern, f.Share, time.Duration(f.DelayMS * float64(time.Millisecond))}, nil
}

func (p *Proxy) delete(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	for name, values := range query {
		if name != "kind" && name != "access_pattern" || len(values) > 1 {
			respond.Problem(w, http.StatusBadRequest, fmt.Sprintf("%q is asked: name a kind and an access_pattern, each once, or nothing to switch all off", name))
			return
		}
	}
	kind, pattern := query.Get("kind"), query.Get("access_pattern")
	switch {
	case kind == "" && pattern != "":
		respond.Problem(w, http.StatusBadRequest, "an access_pattern alone names no fault: name its kind as well")
		return
	case kind == "":
		p.Clear()
	default:
		if err := p.Off(Kind(kind), pattern); err != nil {
			respond.Problem(w, http.StatusNotFound, err.Error())
			return
		}
	}
	p.list(w)
}
