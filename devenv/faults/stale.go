package faults

import (
	"bytes"
	"crypto/sha256"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readsEventually reports whether DynamoDB may answer the call from a replica that has
// not heard of the last write.
func (c call) readsEventually() bool {
	switch c.operation {
	case "GetItem", "Query", "Scan":
		var read struct{ ConsistentRead bool }
		return json.Unmarshal(c.body, &read) == nil && !read.ConsistentRead
	default:
		return false
	}
}

// Answers that are remembered: enough for what a person looks at, and at most 64 MB.
const (
	maxRemembered  = 256
	maxAnswerBytes = 256 << 10
)

// remembered is the answer to a read.
type remembered struct {
	asked   time.Time
	header  http.Header
	content []byte
}

// asks is what the call asks, whatever the order of its members: the SDK writes maps as they
// come. Two that differ in how they want the answer are not the same.
func (c call) asks(r *http.Request) (q question) {
	asked := jsontext.Value(bytes.Clone(c.body))
	_ = asked.Canonicalize() // what is no JSON stays as it is
	hash := sha256.New()
	_, _ = io.WriteString(hash, c.operation+"\n"+r.Header.Get("Accept-Encoding")+"\n") // never fails: hash.Hash
	_, _ = hash.Write(asked)
	hash.Sum(q[:0])
	return q
}

// stale answers as before where that is not longer ago than the delay, and else remembers.
func (p *Proxy) stale(w http.ResponseWriter, r *http.Request, c call, delay time.Duration) {
	asks := c.asks(r)
	if old, ok := p.remembered.Get(asks); ok && time.Since(old.asked) <= delay {
		maps.Copy(w.Header(), old.header)
		_, _ = w.Write(old.content) // the service may be gone
		return
	}
	fresh, asked := copied{ResponseWriter: w}, time.Now()
	p.next.ServeHTTP(&fresh, r)
	if fresh.status == http.StatusOK && fresh.content.Len() <= maxAnswerBytes {
		p.remembered.Add(asks, remembered{asked, w.Header().Clone(), bytes.Clone(fresh.content.Bytes())})
	}
}

// copied is an answer that arrives, and is kept.
type copied struct {
	http.ResponseWriter
	status  int
	content bytes.Buffer
}

// Unwrap is for http.ResponseController.
func (c *copied) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *copied) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copied) Write(content []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if c.content.Len()+len(content) <= maxAnswerBytes {
		c.content.Write(content)
	} else {
		c.status = 0 // too large to be kept
	}
	return c.ResponseWriter.Write(content)
}
