package rest

import (
	"net/http"
	"strconv"
)

// problemKind is one kind of problem that a client can meet. Titles never change
// between occurrences; details do.
type problemKind struct {
	slug    string // /problems/{slug} is its type; none: about:blank
	status  int
	title   string
	detail  string // what is said where there is no more to say; the document's example
	meaning string // what has happened, for the page
	remedy  string // what the client does about it, for the page
}

// Every kind of problem (RFC 9457, section 3.1.1: the type is what a client's code
// looks at).
var (
	problemMalformed = problemKind{
		"malformed-request", http.StatusBadRequest, "The request cannot be read",
		"malformed JSON: it ends too early",
		"The body is no JSON text (RFC 8259), has two members of one name or text that is not Unicode, or ended before it was complete. Nothing was done.",
		"Mend what writes the body; detail and errors say where it breaks. Sending the same again gives the same answer.",
	}
	problemNotFound = problemKind{
		"not-found", http.StatusNotFound, "There is no such resource",
		"There is no such review or restaurant.",
		"The path names a review or a restaurant that does not exist, or nothing that is served. A restaurant exists as long as it has a review.",
		"Take paths from Location and from lists, and percent-encode names: a slash in a name is %2F. Where it was there a moment ago, somebody has deleted it.",
	}
	problemMethod = problemKind{
		"method-not-allowed", http.StatusMethodNotAllowed, "The resource does not know this method",
		"POST is not among the methods of this resource: GET, HEAD.",
		"The path is served, but not with this method.",
		"The Allow header of the answer lists the methods that there are.",
	}
	problemNotAcceptable = problemKind{
		"not-acceptable", http.StatusNotAcceptable, "No representation is acceptable",
		"The answer is application/json (application/problem+json for errors), which the Accept header does not admit.",
		"The Accept header leaves no media type that the service has.",
		"Send Accept: application/json, or no Accept at all.",
	}
	problemTimeout = problemKind{
		"request-timeout", http.StatusRequestTimeout, "The request took too long to arrive",
		"The body did not arrive in time.",
		"The service waited for the rest of the request, and gave up. Nothing was done.",
		"Send it again.",
	}
	problemStale = problemKind{
		"precondition-failed", http.StatusPreconditionFailed, "The resource has changed",
		"The review has changed since the ETag in If-Match was read. Read it again, and decide.",
		"If-Match names a state that the review is no longer in: it was changed in the meantime, perhaps by your own request whose answer was lost. Nothing was overwritten.",
		"Read the review again, show what differs or merge the change, and send it with the new ETag. To overwrite in any case, send no If-Match.",
	}
	problemTooLarge = problemKind{
		"content-too-large", http.StatusRequestEntityTooLarge, "The request is too large",
		"A request has at most " + strconv.Itoa(MaxBodyBytes) + " bytes.",
		"The body is larger than the service takes, and was not read to its end. Nothing was done.",
		"Send less; a review with the longest comment is far below the bound.",
	}
	problemMediaType = problemKind{
		"unsupported-media-type", http.StatusUnsupportedMediaType, "The media type is not supported",
		"A patch is " + mergePatch + " or " + jsonPatch + ".",
		"Content-Type names a media type that this operation does not read, or Content-Encoding an encoding.",
		"Send application/json, and patches as application/merge-patch+json or application/json-patch+json (Accept-Patch lists them), in UTF-8 and without a content encoding.",
	}
	problemInvalid = problemKind{
		"validation", http.StatusUnprocessableEntity, "The request breaks a rule",
		"validation failed",
		"The request can be read, but something in it is not allowed: errors lists every rule that it breaks, with the place and, where it is short, the value. Nothing was done.",
		"Show the messages beside the fields that the locations name, and send the mended request.",
	}
	problemKeyReused = problemKind{
		"idempotency-key-reused", http.StatusUnprocessableEntity, "The idempotency key belongs to another request",
		"This Idempotency-Key came with another request in the last 24 hours. Choose a new one.",
		"The same Idempotency-Key came with another review in the last 24 hours. To answer with that review would be wrong, and to store this one might store it twice. Nothing was done.",
		"Make a new key (a UUID, say) for every review, and use it again only to repeat the very same request.",
	}
	problemInternal = problemKind{
		"internal", http.StatusInternalServerError, "The service failed",
		"The error is in the log under the request id.",
		"Something went wrong that the service did not expect. The log has it under the request id.",
		"Report it with the request id. Repeating a request with an Idempotency-Key, a GET, or a change with If-Match is safe.",
	}
	problemBusy = problemKind{
		"busy", http.StatusServiceUnavailable, "The restaurant is being changed by many",
		"Too many changes to this restaurant at the same time. Nothing was written; try again.",
		"Reviews of a restaurant change its averages as well, one after the other. So many came at once that this one did not get its turn in time. Nothing was written.",
		"Wait for as long as Retry-After says, and a little more at random, then send it again.",
	}
	problemUnavailable = problemKind{
		"database-unavailable", http.StatusServiceUnavailable, "The database is not available",
		"The database did not answer. Try again; an Idempotency-Key makes it safe to create again.",
		"The database did not answer, or refused, within the time that a request has. A change may have been made all the same: its answer may be what was lost.",
		"Wait for as long as Retry-After says, then send it again: with the same Idempotency-Key or If-Match, so that nothing is done twice.",
	}
)

// In the order of their status.
var problemKinds = []problemKind{
	problemMalformed, problemNotFound, problemMethod, problemNotAcceptable, problemTimeout, problemStale, problemTooLarge,
	problemMediaType, problemInvalid, problemKeyReused, problemInternal, problemBusy, problemUnavailable,
}

// kindOf is the kind for a status that huma or the router chose.
func kindOf(status int) problemKind {
	for _, kind := range problemKinds {
		if kind.status == status {
			return kind
		}
	}
	if status < http.StatusInternalServerError {
		return problemKind{status: status, title: http.StatusText(status)}
	}
	return problemInternal
}

// uri is the kind's type.
func (k problemKind) uri() string {
	if k.slug == "" {
		return "about:blank" // no more than the status says (RFC 9457, section 4.2.1)
	}
	return "/problems/" + k.slug
}
