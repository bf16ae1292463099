package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	// firstWait, and longestWait, are between attempts to send the same batch. While one
	// waits, the SDK's queue takes what comes, and drops what it has no place for.
	firstWait   = 500 * time.Millisecond
	longestWait = 5 * time.Second

	// complaintEvery bounds the log: a receiver that is away is told once, then at most
	// as often as this.
	complaintEvery = time.Minute

	// maxReply is read of a receiver's answer. One that is longer is no receiver.
	maxReply = 64 << 10
)

// otlpClient sends spans by OTLP over HTTP. OpenTelemetry's own client for that links gRPC,
// for the messages of its collector package: 9.4 MB in a program of 18. What is sent is
// TracesData, which has the same wire form as ExportTraceServiceRequest: one field, with the
// same number.
//
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
type otlpClient struct {
	settings otlpSettings
	http     *http.Client
	agent    string

	stopping, given context.Context // they end when the service stops, and when nobody waits for that any more
	hurry, giveUp   context.CancelFunc
	complaint       complaint
}

var _ otlptrace.Client = (*otlpClient)(nil)

func newOTLPClient(settings otlpSettings, build Build) *otlpClient {
	// Of its own: the SDK of AWS counts on its connections.
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 2, IdleConnTimeout: 90 * time.Second,
		TLSClientConfig: &tls.Config{RootCAs: settings.roots, MinVersion: tls.VersionTLS12},
	}
	c := &otlpClient{
		settings: settings, agent: "falafel-api/" + build.Version,
		http: &http.Client{
			Transport: transport,
			// A redirect would carry the headers, which are credentials, to somebody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	c.stopping, c.hurry = context.WithCancel(context.Background())
	c.given, c.giveUp = context.WithCancel(context.Background())
	return c
}

// Start has nothing to do: a receiver that comes later is found when there is a batch.
func (c *otlpClient) Start(context.Context) error { return nil }

// Stop lets go of the connection.
func (c *otlpClient) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces returns no error, which the SDK would print for every batch: it logs, now
// and then. The batch is lost by then.
func (c *otlpClient) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	ctx, cancel := context.WithTimeout(ctx, c.settings.timeout)
	defer cancel()
	defer context.AfterFunc(c.given, cancel)()
	body, err := c.encode(spans)
	if err == nil {
		err = c.send(ctx, body)
	}
	var partial *partialError
	switch {
	case c.given.Err() != nil: // whoever stopped it has been told
	case errors.As(err, &partial):
		c.complaint.log(ctx, c.settings.endpoint.Redacted(), err, partial.rejected)
	case err != nil:
		c.complaint.log(ctx, c.settings.endpoint.Redacted(), err, spansIn(spans))
	}
	return nil
}

func (c *otlpClient) encode(spans []*tracepb.ResourceSpans) ([]byte, error) {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil || !c.settings.gzip {
		return body, err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil { // which writes the rest
		return nil, err
	}
	return packed.Bytes(), nil
}

// send tries until the batch is taken or refused, until the context ends, or the service
// stops.
func (c *otlpClient) send(ctx context.Context, body []byte) error {
	waits := backoff.ExponentialBackOff{
		InitialInterval: firstWait, MaxInterval: longestWait, Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	for {
		err := c.attempt(ctx, body)
		var again *retryableError
		if !errors.As(err, &again) {
			return err
		}
		wait := max(again.after, waits.NextBackOff())
		if end, bounded := ctx.Deadline(); bounded && time.Until(end) < wait {
			return err
		}
		select {
		case <-time.After(wait):
		case <-c.stopping.Done():
			return err
		case <-ctx.Done():
			return err
		}
	}
}

// retryableError is worth another attempt, after a time that the receiver may name.
type retryableError struct {
	cause error
	after time.Duration
}

func (e *retryableError) Error() string { return e.cause.Error() }
func (e *retryableError) Unwrap() error { return e.cause }

// partialError is of a batch that was taken, but for some of its spans, or with a warning.
type partialError struct {
	rejected int64
	message  string
}

func (e *partialError) Error() string {
	return fmt.Sprintf("the receiver took the rest of the batch, and says %q", e.message)
}

func (c *otlpClient) attempt(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = c.settings.headers.Clone()
	request.Header.Set("Content-Type", "application/x-protobuf")
	if c.settings.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", c.agent)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return &retryableError{cause: errors.Unwrap(err)} // without the URL, which is logged beside it
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &retryableError{cause: errors.New("the receiver answers " + response.Status), after: retryAfter(response)}
	}
	switch {
	case response.StatusCode/100 != 2:
		return fmt.Errorf("the receiver answers %s", response.Status)
	case err != nil:
		return nil // it has the batch
	}
	return partialSuccess(reply)
}

// retryAfter is in seconds: a date is not worth a clock that may differ.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// partialSuccess reads ExportTraceServiceResponse{partial_success = 1}, and of that
// ExportTracePartialSuccess{rejected_spans = 1, error_message = 2}. Whatever else a
// receiver answers says nothing: it has the batch.
func partialSuccess(reply []byte) error {
	number, kind, n := protowire.ConsumeTag(reply)
	if n < 0 || number != 1 || kind != protowire.BytesType {
		return nil
	}
	message, n := protowire.ConsumeBytes(reply[n:])
	if n < 0 {
		return nil
	}
	var partial partialError
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		length := protowire.ConsumeFieldValue(number, kind, message)
		if length < 0 {
			return nil
		}
		switch {
		case number == 1 && kind == protowire.VarintType:
			rejected, _ := protowire.ConsumeVarint(message)
			partial.rejected = int64(rejected) //nolint:gosec // an int64 on the wire
		case number == 2 && kind == protowire.BytesType:
			text, _ := protowire.ConsumeBytes(message)
			partial.message = string(text[:min(len(text), maxAttribute)])
		}
		message = message[length:]
	}
	if partial == (partialError{}) {
		return nil
	}
	return &partial
}

func spansIn(batch []*tracepb.ResourceSpans) (spans int64) {
	for _, resource := range batch {
		for _, scope := range resource.GetScopeSpans() {
			spans += int64(len(scope.GetSpans()))
		}
	}
	return spans
}

// complaint logs that spans are lost, now and then, with all that were lost since.
type complaint struct {
	mu   sync.Mutex
	lost int64
	last time.Time
}

func (c *complaint) log(ctx context.Context, endpoint string, err error, spans int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost += spans
	if !c.last.IsZero() && time.Since(c.last) < complaintEvery {
		return
	}
	slog.WarnContext(ctx, "traces are lost", "endpoint", endpoint, "spans", c.lost, "error", err)
	c.lost, c.last = 0, time.Now()
}
