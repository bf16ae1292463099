// Package dynamodb starts a DynamoDB for development and for tests: the embedded one of
// this project, which every machine has, DynamoDB Local on the machine's Java or in a
// container, or none at all because one is already there.
//
//	server, err := dynamodb.Start(ctx, dynamodb.Embedded, dynamodb.Options{Dir: dir})
//	…
//	defer server.Close()
//	command.Env = append(os.Environ(), server.Environ()...)
//
// All kinds speak DynamoDB's own protocol on [Server.Endpoint], so nothing that uses them
// can tell them apart, and nothing here knows what is stored: tables and data belong to
// the caller. What a kind is made of stays in its own file ([Java] in java.go, and so on);
// engine.go is the one to read first, and the list in it is where a new kind is entered.
//
// Tests do not start servers of their own: they use package dynamodbtest, which gives
// them one of each kind.
package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// A Kind says where a DynamoDB comes from: one of [Kinds], or the http or https URL of
// one that is already there. [ParseKind] makes one of what a person wrote.
type Kind string

// Kinds returns the kinds that can be started here, the preferred one first. Whether this
// machine has what they need is for [Available] to say.
func Kinds() []Kind {
	kinds := make([]Kind, len(engines))
	for i, engine := range engines {
		kinds[i] = engine.kind
	}
	return kinds
}

// ParseKind reads the name of a kind or the URL of a DynamoDB that is already there. Its
// error is one sentence that lists what may be written instead.
func ParseKind(text string) (Kind, error) {
	text = strings.TrimSpace(text)
	for _, kind := range Kinds() {
		if text == string(kind) {
			return kind, nil
		}
	}
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return Kind(strings.TrimSuffix(u.String(), "/")), nil
	}
	return "", fmt.Errorf("%q is no DynamoDB that can be used: write %s, or the http(s) URL of one that is running",
		text, names())
}

// IsURL reports whether k is the URL of a DynamoDB that somebody else runs.
func (k Kind) IsURL() bool {
	return strings.HasPrefix(string(k), "http://") || strings.HasPrefix(string(k), "https://")
}

// Options are the caller's wishes for [Start]. The zero value is a database in memory
// that says nothing.
type Options struct {
	// Dir is the folder in which the data is kept; it is created when it is missing, and
	// one database at a time can use it. Empty means in memory: the data is gone after
	// [Server.Close]. [Java] and [Container] read each other's folders, [Embedded] has a
	// format of its own. A URL ignores it.
	Dir string

	// Log receives what the database prints, from another goroutine and until Close
	// returns. Nil means that it is only kept for the error of one that ends unasked.
	Log io.Writer
}

// ErrUnavailable is wrapped by the errors of [Start] and [Available] that are about the
// machine: it lacks something that the kind needs. Any other error is a real failure.
var ErrUnavailable = errors.New("not available on this machine")

// availableWithin bounds Available. All that it asks for is on this machine or close by,
// and answers in a moment or refuses at once; a Docker daemon that was loading images for
// others, on a machine whose disk was busy, has taken longer than 10 s.
const availableWithin = time.Minute

// Available returns nil when this machine has what kind needs. Otherwise it returns one
// sentence that says what is missing and how to get it, and that wraps [ErrUnavailable].
// It is quick and changes nothing, so what Start alone can find out (a download that
// fails, say) may still come.
func Available(kind Kind) error {
	engine, err := engineOf(kind)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), availableWithin)
	defer cancel()
	return engine.available(ctx)
}

// Start starts a DynamoDB of the kind and returns once it answers requests. It gives up
// when ctx ends, which the first start on a machine should leave minutes for: there may be
// something to download. Afterwards ctx means nothing: the database runs until
// [Server.Close]. Errors are sentences for a person, with the last lines of the database's
// own log when it ended by itself.
func Start(ctx context.Context, kind Kind, options Options) (*Server, error) {
	engine, err := engineOf(kind)
	if err != nil {
		return nil, err
	}
	err = engine.available(ctx)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("there was no time to start a DynamoDB: %w", context.Cause(ctx))
	}
	if err != nil {
		return nil, err
	}
	unlock := func() error { return nil }
	if options.Dir != "" && !kind.IsURL() {
		if options.Dir, unlock, err = claim(options.Dir); err != nil {
			return nil, err
		}
	}
	db, err := engine.start(ctx, kind, options)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return &Server{Kind: kind, Endpoint: db.endpoint(), db: db, unlock: unlock}, nil
}

// claim makes dir ours alone, until unlock is called or this process has ended: SQLite
// would let two servers write one file, and DynamoDB Local caches what it read from it.
// The embedded engine has a lock of its own below this one, for those who open it without
// this package; it does not keep DynamoDB Local out.
func claim(dir string) (absolute string, unlock func() error, err error) {
	absolute, err = filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(absolute, 0o755)
	}
	if err != nil {
		return "", nil, fmt.Errorf("the folder for DynamoDB's data cannot be used: %w", err)
	}
	lock := flock.New(filepath.Join(absolute, ".lock"))
	switch claimed, err := lock.TryLock(); {
	case err != nil:
		return "", nil, fmt.Errorf("the folder for DynamoDB's data cannot be locked: %w", err)
	case !claimed:
		return "", nil, fmt.Errorf("another DynamoDB keeps its data in %s: stop it, or choose another folder", absolute)
	}
	return absolute, lock.Unlock, nil
}
