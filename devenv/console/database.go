package console

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

const (
	// maxCallBytes is more than DynamoDB takes: 16 MB in a batch.
	maxCallBytes = 17 << 20

	// maxAnswerBytes is what is looked at of an answer: a page is 1 MB, in JSON some more.
	maxAnswerBytes = 4 << 20

	// lookWithin bounds the look at the items before a write.
	lookWithin = time.Second
)

// Database stands between the API and DynamoDB, and notes the calls of the requests that
// are recorded. Others pass as if it were not there.
func (c *Console) Database(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number := numberOf(r.Header)
		if number == 0 {
			next.ServeHTTP(w, r)
			return
		}
		e := c.recorder.find(number)
		if e == nil {
			next.ServeHTTP(w, r)
			return
		}
		c.tap(w, r, next, e)
	})
}

func (c *Console) tap(w http.ResponseWriter, r *http.Request, next http.Handler, e *exchange) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallBytes))
	if err != nil {
		panic(http.ErrAbortHandler) // the API went away, or it is no call of DynamoDB's
	}
	var met []string // faults
	passed := r.WithContext(faults.Noting(r.Context(), func(struck []faults.Fault) {
		for _, fault := range struck {
			met = append(met, string(fault.Kind))
		}
	}))
	passed.Body, passed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	call := Call{Operation: operation, Attempt: attemptOf(r.Header), Request: c.callBody(body)}
	if pattern, ok := store.Recognise(operation, body); ok {
		call.AccessPattern, call.Index = pattern.Name, pattern.Index
	}
	written := writesOf(operation, body)
	c.lookBefore(r, written)

	began := time.Now()
	answer := &callAnswer{ResponseWriter: w}
	defer func() {
		call.StartMS, call.TookMS = milliseconds(began.Sub(e.began)), milliseconds(time.Since(began))
		call.Status, call.Fault = answer.status, strings.Join(met, ", ")
		call.Response = c.callBody(answer.content.Bytes())
		call.Response.Bytes = answer.bytes
		call.Response.Truncated = call.Response.Truncated || answer.bytes > int64(answer.content.Len())
		c.understand(r, &call, answer)
		if answer.status == http.StatusOK {
			c.lookAfter(r, written)
		}
		call.Items = c.changes(written, answer.status == http.StatusOK)
		e.add(call, c.prices, c.budget)
	}()
	next.ServeHTTP(answer, passed)
}

func attemptOf(header http.Header) int {
	// "attempt=2; max=3", by every SDK of AWS.
	attempt, _, _ := strings.Cut(strings.TrimPrefix(header.Get("Amz-Sdk-Request"), "attempt="), ";")
	if n, err := strconv.Atoi(attempt); err == nil && n > 0 {
		return n
	}
	return 1
}

func (c *Console) callBody(content []byte) Body {
	kept := content[:min(len(content), c.limits.BodyBytes/2)]
	return bodyOf(kept, int64(len(content)), "", c.mask)
}

// callAnswer notes DynamoDB's answer while it passes.
type callAnswer struct {
	http.ResponseWriter
	status  int
	content bytes.Buffer
	bytes   int64
}

// Unwrap is for [http.ResponseController].
func (a *callAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *callAnswer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *callAnswer) Write(content []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	a.bytes += int64(len(content))
	if a.content.Len()+len(content) <= maxAnswerBytes {
		a.content.Write(content)
	}
	return a.ResponseWriter.Write(content)
}

// understand reads what DynamoDB says in its answer.
func (c *Console) understand(r *http.Request, call *Call, answer *callAnswer) {
	if answer.status == 0 {
		call.Error = "connection"
		if call.Fault == "" && r.Context().Err() == nil {
			c.databaseAnswers(false)
		}
		return
	}
	c.databaseAnswers(true)
	var said struct {
		Type    string `json:"__type"`
		Reasons []struct {
			Code string
		} `json:"CancellationReasons"`
		Consumed json.RawMessage `json:"ConsumedCapacity"`
	}
	if json.Unmarshal(answer.content.Bytes(), &said) != nil {
		return
	}
	if answer.status != http.StatusOK {
		_, name, found := strings.Cut(said.Type, "#")
		if !found {
			name = said.Type
		}
		var codes []string
		for _, reason := range said.Reasons {
			codes = append(codes, reason.Code)
		}
		if len(codes) > 0 {
			name += " (" + strings.Join(codes, ", ") + ")"
		}
		call.Error = c.mask.text(name)
	}
	call.ReadUnits, call.WriteUnits = consumedIn(call.Operation, said.Consumed)
	call.USDPerMillion = c.prices.of(call.ReadUnits, call.WriteUnits)
}

// consumedIn adds up what a call consumed, of one table or of several.
func consumedIn(operation string, reported json.RawMessage) (read, write float64) {
	type capacity struct{ CapacityUnits, ReadCapacityUnits, WriteCapacityUnits float64 }
	var all []capacity
	if bytes.HasPrefix(bytes.TrimSpace(reported), []byte("[")) {
		_ = json.Unmarshal(reported, &all) // of another shape: nothing is known
	} else {
		var one capacity
		_ = json.Unmarshal(reported, &one)
		all = append(all, one)
	}
	for _, used := range all {
		switch {
		case used.ReadCapacityUnits+used.WriteCapacityUnits > 0:
			read += used.ReadCapacityUnits
			write += used.WriteCapacityUnits
		case writes(operation):
			write += used.CapacityUnits
		default:
			read += used.CapacityUnits
		}
	}
	return read, write
}

func writes(operation string) bool {
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem":
		return true
	default:
		return false
	}
}

// look reads items as they are, past the faults, and is quiet where it cannot.
func (c *Console) look(r *http.Request, written []*write) {
	database := c.direct()
	if database == nil || len(written) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), lookWithin)
	defer cancel()
	readItems(ctx, database, r.Header, written)
}

func (c *Console) lookBefore(r *http.Request, written []*write) {
	c.look(r, written)
	for _, w := range written {
		w.before, w.seen, w.found = w.found, w.known, nil
	}
}

// lookAfter reads what only the database knows: the result of an update.
func (c *Console) lookAfter(r *http.Request, written []*write) {
	var updated []*write
	for _, w := range written {
		if w.updated {
			w.known = false
			updated = append(updated, w)
		}
	}
	c.look(r, updated)
}
