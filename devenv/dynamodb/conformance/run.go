package conformance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	patience       = time.Second // with a state that has to come
	remotePatience = time.Minute // with one of AWS itself
	retries        = 3           // of what failed for no reason, as an SDK does it
	pause          = 20 * time.Millisecond
)

// A run is a case that is being run.
type run struct {
	ctx    context.Context
	target *endpoint
	texts  map[string]string // what is replaced, by "@name" and "$name"
}

func newRun(t *testing.T, target *endpoint, tables map[string]string) *run {
	t.Helper()
	id := strings.ToLower(rand.Text())
	r := &run{ctx: t.Context(), target: target, texts: maps.Clone(tables)}
	r.texts["$id"], r.texts["$own"] = id, "conformance-own-"+id
	return r
}

// do runs the steps up to the first that is answered otherwise.
func (r *run) do(c Case) error {
	for _, step := range c.steps {
		if step.operation == "CreateTable" {
			defer r.drop()
			break
		}
	}
	for i, step := range c.steps {
		if err := r.step(step); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.operation, err)
		}
	}
	return nil
}

// drop deletes the case's own table, if there is one.
func (r *run) drop() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), remotePatience)
	defer cancel()
	request := []byte(`{"TableName":"` + r.texts["$own"] + `"}`)
	for ctx.Err() == nil {
		got, err := r.target.ask(ctx, "DeleteTable", request)
		if err != nil || !strings.Contains(string(got.body), "ResourceInUseException") {
			return
		}
		time.Sleep(pause)
	}
}

func (r *run) step(s Step) error {
	err := r.try(s)
	deadline := time.Now().Add(r.target.patience)
	retry := s.patient || r.target.remote && strings.Contains(s.request, "IndexName")
	for err != nil && retry && time.Now().Before(deadline) {
		time.Sleep(pause)
		err = r.try(s)
	}
	return err
}

func (r *run) try(s Step) error {
	request := []byte(r.replace(s.request))
	got, err := r.target.ask(r.ctx, s.operation, request)
	for again := 0; again < retries && err == nil && got.status >= http.StatusInternalServerError; again++ {
		got, err = r.target.ask(r.ctx, s.operation, request)
	}
	if err != nil {
		return err
	}
	if err := got.check(); err != nil {
		return err
	}
	if s.header != "" && got.header.Get(s.header) == "" {
		return fmt.Errorf("the answer has no %s", s.header)
	}
	if len(got.body) == 0 {
		got.body = []byte("{}") // the answer of those that have nothing to say
	}
	body, err := decode(got.body)
	if err != nil {
		return fmt.Errorf("the answer is no JSON: %w: %s", err, shorten(got.body))
	}
	if s.exception != "" {
		return r.checkFailure(s, got, body)
	}
	if got.status != http.StatusOK {
		return fmt.Errorf("answered %s, want %s", shorten(got.body), s.want)
	}
	want, err := decode([]byte(r.replace(s.want)))
	if err != nil {
		return fmt.Errorf("the case's want is no JSON: %w: %s", err, s.want)
	}
	if err := r.match("", body, want); err != nil {
		return fmt.Errorf("%w: answered %s", err, shorten(got.body))
	}
	return nil
}

func (r *run) checkFailure(s Step, got answer, body any) error {
	wanted := s.exception + ": " + r.replace(s.message)
	if got.status == http.StatusOK {
		return fmt.Errorf("answered %s, want %s", shorten(got.body), wanted)
	}
	object, _ := body.(map[string]any)
	kind, _ := object["__type"].(string)
	_, name, _ := strings.Cut(kind, "#")
	message, ok := object["message"].(string)
	if !ok {
		message, _ = object["Message"].(string)
	}
	if name != s.exception || got.status != http.StatusBadRequest || s.message != "" && !matchText(message, r.replace(s.message)) {
		return fmt.Errorf("answered %d %s: %s, want %s", got.status, name, message, wanted)
	}
	if s.want == "" {
		return nil
	}
	want, err := decode([]byte(r.replace(s.want)))
	if err != nil {
		return fmt.Errorf("the case's want is no JSON: %w: %s", err, s.want)
	}
	if !s.exact && object != nil {
		delete(object, "Message")
		object["message"] = message
	}
	if err := r.match("", body, want); err != nil {
		return fmt.Errorf("%w: answered %s", err, shorten(got.body))
	}
	return nil
}

var (
	placeholder = regexp.MustCompile(`[@$][a-z]+`)
	repetition  = regexp.MustCompile(`\{\{(\d+)\}\}`)
)

// replace puts names and values where the text has placeholders.
func (r *run) replace(text string) string {
	text = placeholder.ReplaceAllStringFunc(text, func(name string) string {
		if value, ok := r.texts[name]; ok {
			return value
		}
		return name
	})
	return repetition.ReplaceAllStringFunc(text, func(match string) string {
		n, _ := strconv.Atoi(strings.Trim(match, "{}"))
		return strings.Repeat("x", n)
	})
}

func decode(text []byte) (value any, err error) {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// shorten keeps reports readable: some answers have a megabyte.
func shorten(text []byte) string {
	const most = 1000
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
