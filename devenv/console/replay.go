package console

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// sent is what the console knows of a request that it sends itself.
type sent struct {
	replayOf uint64
	id       uint64 // set by Front
}

type sentKey struct{}

func sentBy(ctx context.Context) *sent {
	s, _ := ctx.Value(sentKey{}).(*sent)
	return s
}

const (
	// sendWithin is longer than the API takes for anything, and than a build makes it wait.
	sendWithin = time.Minute

	// maxDiscarded is as much of an answer as is taken before nobody reads on: what is
	// kept of it is the recording's.
	maxDiscarded = 64 << 20
)

// notSent are fields that are of the connection, of the trace that the request was of, or
// set anew.
var notSent = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length",
	"Traceparent", "Tracestate", "X-Request-Id",
}

// outgoing is a request that is to be sent to the front.
type outgoing struct {
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Headers [][2]string `json:"headers"`
	Body    struct {
		Text   string `json:"text"`
		Base64 []byte `json:"base64"`
	} `json:"body"`
}

func (c *Console) replay(w http.ResponseWriter, r *http.Request) {
	e := c.exchangeOf(w, r)
	if e == nil {
		return
	}
	full := e.full()
	switch body := full.Request.Body; {
	case body.Truncated || body.Note != "":
		respond.Problem(w, http.StatusConflict, "Its body was not kept whole, so that it cannot be sent again: copy it as curl, and complete it.")
		return
	case strings.Contains(body.Text, masked) || strings.Contains(full.Path, masked):
		respond.Problem(w, http.StatusConflict, "It had a credential in it, which is not kept: edit it, and send that.")
		return
	}
	again := outgoing{Method: full.Method, Path: full.Path, Headers: slices.DeleteFunc(slices.Clone(full.Request.Headers), func(field [2]string) bool {
		return strings.Contains(field[1], masked) || slices.Contains(notSent, field[0])
	})}
	again.Body.Text, again.Body.Base64 = full.Request.Body.Text, full.Request.Body.Base64
	c.answerSent(w, r, again, full.ID)
}

func (c *Console) sendOne(w http.ResponseWriter, r *http.Request) {
	var asked outgoing
	if respond.Read(w, r, maxAsked, &asked) {
		c.answerSent(w, r, asked, 0)
	}
}

func (c *Console) answerSent(w http.ResponseWriter, r *http.Request, out outgoing, replayOf uint64) {
	front := c.front.Load()
	if front == nil {
		respond.Problem(w, http.StatusServiceUnavailable, "There is no API here to send it to.")
		return
	}
	request, problem := out.request(r.Context())
	if problem != "" {
		respond.Problem(w, http.StatusUnprocessableEntity, problem)
		return
	}
	s := &sent{replayOf: replayOf}
	ctx, cancel := context.WithTimeout(context.WithValue(request.Context(), sentKey{}, s), sendWithin)
	defer cancel()
	deliver(front, request.WithContext(ctx))
	respond.JSON(w, map[string]any{"id": s.id})
}

// deliver hands a request to the front in this process: there is no address in it that
// could be another's.
func deliver(front http.Handler, request *http.Request) {
	defer func() {
		// The front breaks a connection off in this way; the recording has it.
		if cause := recover(); cause != nil && cause != http.ErrAbortHandler { //nolint:errorlint // it is that very value
			panic(cause)
		}
	}()
	front.ServeHTTP(&answerBuffer{limit: maxDiscarded}, request)
}

// notInTarget is what ends the target of a request, or breaks its line.
func notInTarget(r rune) bool { return r <= ' ' || r == 0x7f }

// request is one as the front's server would have made it, or what is wrong with it.
func (o outgoing) request(ctx context.Context) (r *http.Request, problem string) {
	if !httpguts.ValidHeaderFieldName(o.Method) || o.Method == http.MethodConnect {
		return nil, "The method is one such as GET or POST."
	}
	target, err := url.ParseRequestURI(o.Path)
	if err != nil || !strings.HasPrefix(o.Path, "/") || target.Host != "" || strings.HasPrefix(o.Path, "//") || strings.ContainsFunc(o.Path, notInTarget) {
		return nil, "The path begins with a slash and has no spaces, such as /v1/restaurants: requests go to the API of this environment alone."
	}
	body := o.Body.Base64
	if len(body) == 0 {
		body = []byte(o.Body.Text)
	}
	var content io.Reader = http.NoBody
	if len(body) > 0 {
		content = bytes.NewReader(body)
	}
	r, err = http.NewRequestWithContext(ctx, o.Method, o.Path, content)
	if err != nil {
		return nil, "That is no request: " + err.Error() + "."
	}
	r.RequestURI = o.Path
	r.RemoteAddr = "127.0.0.1:0"
	for _, field := range o.Headers {
		name := http.CanonicalHeaderKey(field[0])
		if !httpguts.ValidHeaderFieldName(field[0]) || !httpguts.ValidHeaderFieldValue(field[1]) {
			return nil, "A header has a name without spaces, and a value without line breaks."
		}
		switch {
		case name == "Host":
			r.Host = field[1]
		case !slices.Contains(notSent, name):
			r.Header.Add(name, field[1])
		}
	}
	if r.Host == "" {
		r.Host = "127.0.0.1"
	}
	return r, ""
}
