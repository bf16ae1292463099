package rest

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
)

// cursors seals positions in lists. A cursor is opaque to clients (AIP-158), and
// authenticated together with the list it belongs to: one that is made up, altered
// or taken from another list does not open.
type cursors struct {
	aead cipher.AEAD
}

var errCursor = errors.New("must be a cursor that this list gave out")

func newCursors(key []byte) (cursors, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return cursors{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return cursors{aead}, err
}

// seal makes the cursor of a position; "" of none. The list is what makes two
// requests page through the same thing: path and parameters other than the limit.
func (c cursors) seal(list, position string) string {
	if position == "" {
		return ""
	}
	sealed := c.aead.Seal(nil, nil, []byte(position), []byte(list)) //nolint:gosec // no nonce: this AEAD draws its own
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// open is the position in a cursor; "" in none.
func (c cursors) open(list, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return "", errCursor
	}
	position, err := c.aead.Open(nil, nil, sealed, []byte(list))
	if err != nil {
		return "", errCursor
	}
	return string(position), nil
}
