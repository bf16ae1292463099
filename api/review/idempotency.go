package review

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// IdempotencyWindow is how long a key is remembered, as draft-ietf-httpapi-
// idempotency-key-header has the service announce.
const IdempotencyWindow = 24 * time.Hour

// Idempotency makes a creation happen once, however often it is asked for: the
// same key with the same request gives the review that the first one made.
type Idempotency struct {
	Key         string // chosen by the client; "" for a creation without one
	Fingerprint []byte // of the request, see [Fingerprint]
}

// Fingerprint is equal for two requests that ask for the same review.
func Fingerprint(restaurant Name, content Content) ([]byte, error) {
	request, err := json.Marshal([]any{restaurant, content})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(request)
	return sum[:], nil
}
