package rest

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// PageParams choose a page of a list.
type PageParams struct {
	Limit       int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many items at most."`
	Cursor      string `query:"cursor" maxLength:"2048" doc:"Where the page begins: from the Link of the page before. Opaque, and valid for this list alone."`
	IfNoneMatch string `header:"If-None-Match" doc:"ETag that the client has: 304 without a body where it is still the one."`
}

// Resolve implements huma.Resolver. huma takes a parameter without a value for one that
// is not there.
func (PageParams) Resolve(ctx huma.Context) (errs []error) {
	url := ctx.URL()
	query := url.Query()
	for _, name := range []string{"limit", "sort"} {
		if query.Has(name) && query.Get(name) == "" {
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "must not be empty"})
		}
	}
	return errs
}

// List is a page of a list.
type List[T any] struct {
	Items []T `json:"items" maxItems:"100" doc:"The items of this page, in order."`
}

type listOutput[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"Entity tag of the page, for If-None-Match."`
	Link   string `header:"Link" doc:"Where the next page is, with rel=\"next\" (RFC 8288). The last page has none."`
	Body   List[T]
}

// tagged items have a text that changes when they do.
type tagged interface{ tag() string }

func (r Review) tag() string     { return r.ID + "/" + versionText(r.Version) }
func (r Restaurant) tag() string { return r.Name + "/" + versionText(r.version) }

// listPage reads one page and points at the next. The list is its path, and query
// its parameters other than those of the page.
func listPage[D any, T tagged](ctx context.Context, in PageParams, cursors cursors, list string, query url.Values, show func(D) T, read func(review.PageRequest) (review.Page[D], error)) (*listOutput[T], error) {
	if encoded := query.Encode(); encoded != "" {
		list += "?" + encoded
	}
	position, err := cursors.open(list, in.Cursor)
	if err != nil {
		return nil, problemInvalid.new(ctx, "validation failed", ProblemError{Location: "query.cursor", Message: err.Error(), Value: short(in.Cursor)})
	}
	page, err := read(review.PageRequest{Limit: in.Limit, After: position})
	if err != nil {
		return nil, problem(ctx, err)
	}
	out := &listOutput[T]{Status: http.StatusOK, Body: List[T]{Items: make([]T, len(page.Items))}}
	tags := []string{page.Next}
	for i, item := range page.Items {
		out.Body.Items[i] = show(item)
		tags = append(tags, out.Body.Items[i].tag())
	}
	if page.Next != "" {
		out.Link = nextLink(list, url.Values{
			"cursor": {cursors.seal(list, page.Next)},
			"limit":  {strconv.Itoa(in.Limit)},
		})
	}
	out.ETag = contentETag(tags...)
	if noneMatch(in.IfNoneMatch, out.ETag) {
		return &listOutput[T]{Status: http.StatusNotModified, ETag: out.ETag}, nil
	}
	return out, nil
}

// nextLink is a Link to a page of the list, which may have a query already.
func nextLink(list string, page url.Values) string {
	separator := "?"
	for _, c := range list {
		if c == '?' {
			separator = "&"
		}
	}
	return "<" + list + separator + page.Encode() + `>; rel="next"`
}
