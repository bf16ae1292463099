// Package server is an embedded engine behind a TCP address, from the first request to
// the last: what `go run ./devenv dynamodb` runs, and what the rest of devenv starts when
// it is asked for the embedded DynamoDB.
//
// It is about addresses, connections and a graceful end. Of DynamoDB it knows nothing:
// every request goes to the engine as it came.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

const (
	// A client that opens a connection and says nothing, or little by little, must not
	// keep it. The largest request has 16 MB (BatchWriteItem), and all of them come from
	// close by.
	headerWithin, requestWithin = 10 * time.Second, time.Minute

	// idleFor is longer than an SDK keeps a connection for its next request (90 s in Go),
	// so that it is the client who closes: the other way round, a request can meet a
	// connection that is being closed.
	idleFor = 5 * time.Minute

	// stopWithin is how long the requests in flight may take to end. The slowest that
	// there are take less than a second.
	stopWithin = 10 * time.Second
)

// Options say what to serve, and where. Addr has to be set.
type Options struct {
	Addr   string           // host:port to listen on; port 0 is a free one
	Dir    string           // the folder for the data, or "" for memory: see [embedded.Open]
	Engine embedded.Options // the logger gets what the server has to say as well
}

// A Server serves one engine. It is made by [Start], and is safe for concurrent use.
type Server struct {
	engine   *embedded.Engine
	http     *http.Server
	endpoint string

	ended    chan struct{} // closed when err is there to be read
	err      error
	closing  sync.Once
	closeErr error

	mu     sync.Mutex
	unused map[net.Conn]struct{} // connections that have not brought a request yet
}

// Start opens the engine and returns when requests are served. Its errors are sentences
// for a person. ctx is for the start alone: the server runs until [Server.Close].
func Start(ctx context.Context, options Options) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.Addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: stop that, or choose another address", options.Addr)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be listened on: %w", options.Addr, err)
	}
	engine, err := embedded.Open(options.Dir, options.Engine)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &Server{
		engine:   engine,
		endpoint: "http://" + reachable(listener.Addr()),
		ended:    make(chan struct{}),
		unused:   map[net.Conn]struct{}{},
	}
	s.http = &http.Server{
		Handler:           engine,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       requestWithin,
		IdleTimeout:       idleFor,
		ConnState:         s.note,
	}
	if options.Engine.Logger != nil {
		s.http.ErrorLog = slog.NewLogLogger(options.Engine.Logger.Handler(), slog.LevelWarn)
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.err = fmt.Errorf("the DynamoDB at %s ended by itself: %w", s.endpoint, err)
		}
	}()
	return s, nil
}

// Endpoint returns the URL for an SDK, http://HOST:PORT.
func (s *Server) Endpoint() string { return s.endpoint }

// Engine returns what is served, for who is in the same process and wants no connection.
func (s *Server) Engine() *embedded.Engine { return s.engine }

// Done is closed when no more requests are taken, because of Close or by itself.
func (s *Server) Done() <-chan struct{} { return s.ended }

// Err tells why the server ended by itself. It is nil before, and after Close.
func (s *Server) Err() error {
	select {
	case <-s.ended:
		return s.err
	default:
		return nil
	}
}

// Close takes no more requests, lets those in flight end, and returns when all data is
// written and the folder is free for another. Calls after the first return what that did.
func (s *Server) Close() error {
	s.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		s.dropUnused()
		err := s.http.Shutdown(ctx)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests were still running after %s, and were cut off", stopWithin), s.http.Close())
		}
		<-s.ended
		s.closeErr = errors.Join(err, s.engine.Close())
	})
	return s.closeErr
}

// note remembers connections that are open and were never used, as SDKs have them that
// dial two and need one. [http.Server.Shutdown] takes them for requests that are about to
// come, and waits 5 seconds for each.
func (s *Server) note(connection net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.unused[connection] = struct{}{}
	} else {
		delete(s.unused, connection)
	}
}

func (s *Server) dropUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for connection := range s.unused {
		_ = connection.Close()
	}
}

// reachable is the address that a client on this machine uses: one that listens on all
// interfaces is on the loopback one as well.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr.String()
}
