package dynamodb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// idleConnections to the database are kept, for as many calls at a time. net/http's own 2
// would open one for each of the others.
const idleConnections = 256

// Handler returns the database as a handler, for what stands between it and a program, in
// this process. The embedded one is asked without a connection; to any other, requests are
// passed on. Where a connection breaks, it panics with [http.ErrAbortHandler], which is
// net/http's way to break the one before.
func (s *Server) Handler() (http.Handler, error) {
	if here, ok := s.db.(inProcess); ok {
		return here.Engine(), nil
	}
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("the address of the DynamoDB is no URL: %w", err)
	}
	var transport http.RoundTripper = &http.Transport{
		Proxy:        http.ProxyFromEnvironment,
		MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: time.Minute,
		DisableCompression: true, // what the program asks for is passed on, and nothing else
	}
	if s.Kind.IsURL() {
		options := s.Client().Options()
		transport = &signing{next: transport, credentials: options.Credentials, region: options.Region}
	}
	return &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(endpoint) },
		Transport:    transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}, nil
}

// signing signs requests anew: a signature is for one Host, and the program signed for
// that of whoever stands between.
type signing struct {
	next        http.RoundTripper
	credentials aws.CredentialsProvider
	region      string
}

// maxSigned is more than DynamoDB takes.
const maxSigned = 32 << 20

// RoundTrip implements http.RoundTripper.
func (s *signing) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSigned))
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close() // it was read
	credentials, err := s.credentials.Retrieve(r.Context())
	if err != nil {
		return nil, err
	}
	signed := r.Clone(r.Context())
	signed.Body, signed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	signed.Header.Del("Authorization")
	signed.Header.Del("X-Amz-Security-Token")
	hash := sha256.Sum256(body)
	if err := signer.NewSigner().SignHTTP(r.Context(), credentials, signed, hex.EncodeToString(hash[:]), "dynamodb", s.region, time.Now()); err != nil {
		return nil, err
	}
	return s.next.RoundTrip(signed)
}
