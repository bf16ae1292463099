package console

import (
	"encoding/json"
	"net/http"

	"github.com/pretendfriend/falafel-api/devenv/traces"
)

// tracesArrived tells those who listen that spans of these traces came.
func (c *Console) tracesArrived(ids []string) {
	c.hub.publish("trace", map[string]any{"trace_ids": ids})
}

// askTraces returns the buffer's answer without credentials: an attribute may have one.
func (c *Console) askTraces(target string) (status int, content json.RawMessage) {
	status, plain := ask(c.traceList, http.MethodGet, target, nil)
	return status, c.maskJSON(plain)
}

func (c *Console) showTraces(w http.ResponseWriter, r *http.Request) {
	status, content := c.askTraces(r.URL.RequestURI())
	w.Header().Set("Content-Type", "application/json")
	if status >= http.StatusBadRequest {
		w.Header().Set("Content-Type", "application/problem+json")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(content) // the client may be gone
}

// spansOf are the spans below the request's own, with their times since its begin: its
// trace may be its client's, and hold many requests.
func (c *Console) spansOf(e *exchange) json.RawMessage {
	if e.spans != nil {
		return e.spans
	}
	all := c.options.Traces.Trace(e.traceID)
	parents := map[string]string{}
	for _, span := range all {
		parents[span.SpanID] = span.ParentID
	}
	kept := []traces.WireSpan{}
	for _, span := range all {
		if below(parents, span.ParentID, e.spanID) {
			kept = append(kept, span.Since(e.began))
		}
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return json.RawMessage("[]")
	}
	return c.maskJSON(content)
}

// below follows the parents from a span. No chain is longer than there are spans: one that
// goes in a circle ends, too.
func below(parents map[string]string, from, top string) bool {
	for range len(parents) + 1 {
		if from == top || from == "" {
			break
		}
		from = parents[from]
	}
	return from == top
}
