package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
)

// newSilent is the service's handler and store, told to tell nothing.
func newSilent(ctx context.Context) (http.Handler, error) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	client, err := store.Connect(ctx)
	if err != nil {
		return nil, err
	}
	reviews, err := store.Open(ctx, client, table, nil, nil)
	if err != nil {
		return nil, err
	}
	return rest.New(reviews, rest.Options{CursorKey: make([]byte, 16), Timeout: 10 * time.Second})
}
