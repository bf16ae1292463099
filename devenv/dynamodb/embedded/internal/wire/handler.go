// Package wire is DynamoDB's HTTP protocol: AWS JSON 1.0 with X-Amz-Target, Signature
// Version 4, CRC32 and errors. It knows no operation, only that there are some.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// maxRequest is the largest body in bytes that DynamoDB takes; 413 beyond.
const maxRequest = 16 << 20

const (
	contentType    = "application/x-amz-json-1.0"
	contentTypeOld = "application/json"
)

// A Request is what an operation needs to know.
type Request struct {
	Context context.Context //nolint:containedctx // of the HTTP request
	Target  string          // service and operation, as DynamoDB_20120810.GetItem
	Region  string          // of the signature
	Host    string
	Body    []byte
}

// Perform performs an operation and returns the body of its answer. Errors that are no
// [exception.Exception] are the server's fault.
type Perform func(Request) ([]byte, error)

// Handler serves perform over HTTP. What is the server's fault goes to log, with its cause.
func Handler(perform Perform, log *slog.Logger) http.Handler {
	return &handler{perform: perform, log: log}
}

type handler struct {
	perform Perform
	log     *slog.Logger
}

// ServeHTTP implements http.Handler. The order of the checks is DynamoDB's.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Amzn-Requestid"] = []string{rand.Text() + rand.Text()}
	if r.Header.Get("Origin") != "" && allowOrigin(w, r) {
		return
	}
	if r.Method == http.MethodGet {
		write(w, http.StatusOK, "", []byte("healthy: dynamodb."+r.Host+" "))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		status := http.StatusBadRequest // for a client that is still there
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		w.WriteHeader(status)
		return
	}
	answerType := r.Header.Get("Content-Type")
	if answerType != contentType {
		answerType, _, _ = mime.ParseMediaType(answerType)
	}
	if r.Method != http.MethodPost || (len(body) > 0 && answerType != contentType && answerType != contentTypeOld) {
		write(w, http.StatusNotFound, "", []byte("<UnknownOperationException/>\n"))
		return
	}
	if answerType == "" {
		answerType = contentTypeOld
	}
	answer, err := h.answer(r, body)
	if err != nil {
		h.fail(w, r, answerType, err)
		return
	}
	write(w, http.StatusOK, answerType, answer)
}

// answer performs the request. A panic is an error of the server like others: the client
// gets an answer, and not a connection that breaks, for which SDKs would try again.
func (h *handler) answer(r *http.Request, body []byte) (answer []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	region, err := authenticate(r)
	if err != nil {
		return nil, err
	}
	return h.perform(Request{
		Context: r.Context(),
		Target:  r.Header.Get("X-Amz-Target"),
		Region:  region,
		Host:    r.Host,
		Body:    body,
	})
}

func (h *handler) fail(w http.ResponseWriter, r *http.Request, answerType string, err error) {
	e := exception.Of(err)
	if e.Status() >= http.StatusInternalServerError {
		h.log.ErrorContext(r.Context(), "DynamoDB request failed", "target", r.Header.Get("X-Amz-Target"), "error", err)
	}
	write(w, e.Status(), answerType, encodeException(e))
}

// write answers. Header names are in the form that net/http writes them in anyway.
func write(w http.ResponseWriter, status int, answerType string, body []byte) {
	header := w.Header()
	if answerType != "" {
		header["Content-Type"] = []string{answerType}
	}
	header["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// allowOrigin lets web pages use the database, as DynamoDB does. It returns true when
// that was all that was asked.
func allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions {
		return false
	}
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		header.Set("Access-Control-Allow-Headers", asked)
	}
	if asked := r.Header.Get("Access-Control-Request-Method"); asked != "" {
		header.Set("Access-Control-Allow-Methods", asked)
	}
	header.Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
	return true
}
