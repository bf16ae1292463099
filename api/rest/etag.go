package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/api/review"
)

// reviewETag is a strong entity tag (RFC 9110, section 8.8.3) that holds the
// revision: version, rating, cost, currency. A write with If-Match so knows what it
// replaces, and need not read it.
func reviewETag(r review.Review) string { return revisionTag(r.Revision()) }

func revisionTag(revision review.Revision) string {
	return fmt.Sprintf(`"%d-%s-%s-%s"`, revision.Version, revision.Rating, revision.Cost, revision.Currency)
}

var revisionETag = regexp.MustCompile(`^"([1-9][0-9]{0,17})-([0-9.]{1,20})-([0-9.]{1,20})-([A-Z]{3})"$`)

// parseRevision reads an entity tag of [reviewETag]; false for any other, which no
// review can match. It accepts only what a stored review can hold, as a transaction
// is made from it before its condition is checked.
func parseRevision(etag string) (review.Revision, bool) {
	parts := revisionETag.FindStringSubmatch(etag)
	if parts == nil {
		return review.Revision{}, false
	}
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return review.Revision{}, false
	}
	rating, err := review.ParseDecimal(parts[2])
	if err != nil {
		return review.Revision{}, false
	}
	cost, err := review.ParseDecimal(parts[3])
	if err != nil {
		return review.Revision{}, false
	}
	possible := review.Content{Rating: rating, Cost: cost, Currency: parts[4], Visited: "-"}
	revision := review.Revision{Version: version, Rating: rating, Cost: cost, Currency: parts[4]}
	// Entity tags are compared by character: 4.50 is not 4.5.
	return revision, possible.Validate() == nil && revisionTag(revision) == etag
}

// contentETag is a weak entity tag: equal for contents that mean the same.
func contentETag(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return `W/"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`
}

// entityTags are the members of an If-Match or If-None-Match field (RFC 9110,
// section 13.1). What is no entity tag is skipped: it matches nothing.
func entityTags(field string) []string { return entityTag.FindAllString(field, -1) }

var entityTag = regexp.MustCompile(`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`)

// noneMatch reports that an If-None-Match field names the entity tag, so that the
// client has what it asks for. The comparison is weak, as for every GET.
func noneMatch(field, etag string) bool {
	if strings.TrimSpace(field) == "*" {
		return true
	}
	for _, tag := range entityTags(field) {
		if strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// writeConditional answers a GET with a content and its entity tag, or with 304 where
// the client has it.
func writeConditional(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	etag := contentETag(string(body))
	w.Header().Set("ETag", etag)
	if noneMatch(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // the client may be gone
}
