package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// A Check looks at the API from outside.
type Check struct {
	URL     string // of the API, without a path
	Path    string // that answers with the release
	Header  string // of the answer, which is the release
	Release string

	// The first pause between two looks; it grows to ten times that.
	Interval time.Duration
}

// requestTimeout is more than the API gives a request.
const requestTimeout = 15 * time.Second

// Run returns nil when the public address answers with the release, and a review that was
// written through it was read back and deleted.
func (c Check) Run(ctx context.Context) error {
	// Each look is a connection of its own: it asks the name and the load balancer anew.
	client := &http.Client{
		Timeout:       requestTimeout,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: requestTimeout},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if _, err := poll(ctx, c.Interval, func() (struct{}, error) { return struct{}{}, c.look(ctx, client) }); err != nil {
		return err
	}
	if err := c.canary(ctx, client); err != nil {
		return fmt.Errorf("%s answers with release %s, but %w", c.URL, c.Release, err)
	}
	return nil
}

// look returns nil when the release answers.
func (c Check) look(ctx context.Context, client *http.Client) error {
	address := strings.TrimSuffix(c.URL, "/") + c.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		return fmt.Errorf("%s does not answer: %w", address, err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	release := response.Header.Get(c.Header)
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return fmt.Errorf("%s redirects to %s: give the address that answers itself", address, response.Header.Get("Location"))
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answers %s", address, response.Status)
	case release == "":
		return fmt.Errorf("%s answers, but without the header %s, and not with release %s", address, c.Header, c.Release)
	case release != c.Release:
		return fmt.Errorf("%s still answers with release %s, and not with %s", address, release, c.Release)
	}
	return nil
}

// Of the review that a check writes. The restaurant's name sorts behind those that begin
// with a letter, and the lowest rating is at the end of the ranking: for the second that
// the review exists, hardly anybody sees it.
const (
	canaryRestaurant = "~ Falafel release check"
	canaryRating     = 0.1
	canaryCost       = 1.23

	// leftAfter is when a review is one that an interrupted check has left, and not one of
	// a check that runs. It is more than a check takes.
	leftAfter = time.Hour
)

// canary writes a review, reads it back and deletes it.
func (c Check) canary(ctx context.Context, through *http.Client) (err error) {
	client, err := goclient.New(c.URL, goclient.Through(through), goclient.Always(goclient.Header("User-Agent", "falafel-release-check")))
	if err != nil {
		return err
	}
	wanted := goclient.ReviewInput{
		Rating: canaryRating, Cost: canaryCost, VisitedAt: time.Now().UTC().Truncate(time.Second),
		Comment: "Written and deleted by the check of release " + c.Release + ".",
	}
	made, err := client.CreateReview(ctx, canaryRestaurant, wanted, goclient.IdempotencyKey(uuid.NewString()))
	if err != nil {
		return fmt.Errorf("does not store a review: %w", err)
	}
	defer func() {
		if err != nil { // what failed must not leave a review; where this fails as well, a later check sweeps it up
			_ = client.DeleteReview(context.WithoutCancel(ctx), canaryRestaurant, made.ID)
		}
	}()
	read, err := client.GetReview(ctx, canaryRestaurant, made.ID)
	if err != nil {
		return fmt.Errorf("does not find the review that it stored as %s: %w", made.ID, err)
	}
	if read.Rating != wanted.Rating || read.Cost != wanted.Cost || !read.VisitedAt.Equal(wanted.VisitedAt) || read.Comment != wanted.Comment || read.ETag != made.ETag {
		return fmt.Errorf("does not give back the review that it stored as %s: sent were %+v, read was %+v", made.ID, wanted, read.Review)
	}
	if err := client.DeleteReview(ctx, canaryRestaurant, made.ID, goclient.IfMatch(read.ETag)); err != nil {
		return fmt.Errorf("does not delete the review %s: %w", made.ID, err)
	}
	if _, err := client.GetReview(ctx, canaryRestaurant, made.ID); !goclient.IsProblem(err, goclient.TypeNotFound) {
		return errors.Join(fmt.Errorf("still has the review %s, which it has deleted", made.ID), err)
	}
	return c.sweep(ctx, client, made.CreatedAt)
}

// sweep deletes what interrupted checks have left. Both times are the API's own.
func (c Check) sweep(ctx context.Context, client *goclient.Client, now time.Time) error {
	for left, err := range client.ReviewsOf(ctx, canaryRestaurant) {
		if err != nil {
			return fmt.Errorf("does not list the reviews of %q: %w", canaryRestaurant, err)
		}
		if now.Sub(left.CreatedAt) < leftAfter {
			continue
		}
		if err := client.DeleteReview(ctx, canaryRestaurant, left.ID); err != nil && !goclient.IsProblem(err, goclient.TypeNotFound) {
			return fmt.Errorf("does not delete the review %s, which an earlier check has left: %w", left.ID, err)
		}
	}
	return nil
}
