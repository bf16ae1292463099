// Package screen stands in for a terminal in tests.
package screen

import (
	"bytes"
	"sync"
)

// A Screen keeps what is written to it, by several at once, for whoever looks.
type Screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write never fails.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// String is all that was written so far.
func (s *Screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
