package process

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// tailBytes and tailLines are how much of a log an error can carry and still be read.
const tailBytes, tailLines = 8 << 10, 12

// A Tail is a writer that passes on what it gets and remembers the end of it.
type Tail struct {
	Next io.Writer // nil: remember only

	mu   sync.Mutex
	last []byte
}

// Write never fails: the writer behind it may have gone away, but the child that writes
// must not be stopped by that.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.last = append(t.last, p...)
	if extra := len(t.last) - tailBytes; extra > 0 {
		t.last = append(t.last[:0], t.last[extra:]...)
	}
	t.mu.Unlock()
	if t.Next != nil {
		_, _ = t.Next.Write(p)
	}
	return len(p), nil
}

// Has reports whether the end contains text.
func (t *Tail) Has(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.last, []byte(text))
}

// String returns the last lines, without blank ones.
func (t *Tail) String() string {
	t.mu.Lock()
	text := bytes.Clone(t.last)
	t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
