package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// A budget bounds what all recordings take together.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take reserves bytes, and reports whether there were so many.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.limit {
		return true
	}
	b.used.Add(-n)
	return false
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// A capture is the begin of a content that passes by. Who writes may do so longer than
// somebody waits for the end: a transport still sends a body whose answer is there.
type capture struct {
	limit  int
	budget *budget

	mu    sync.Mutex
	ended bool
	taken int64
	kept  bytes.Buffer
	bytes int64 // that passed
}

// write never delays and never fails.
func (c *capture) write(content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += int64(len(content))
	room := min(c.limit-c.kept.Len(), len(content))
	if room <= 0 || c.ended {
		return
	}
	if need := int64(c.kept.Len() + room); need > c.taken {
		// The buffer doubles when it grows: as much is reserved.
		more := max(2*need, bytes.MinRead) - c.taken
		if !c.budget.take(more) {
			c.limit = c.kept.Len() // no more of this one
			return
		}
		c.taken += more
	}
	c.kept.Write(content[:room])
}

// end gives what was kept, and its place in the budget back; later content only counts.
func (c *capture) end() (kept []byte, all int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, all = c.kept.Bytes(), c.bytes
	c.budget.give(c.taken)
	c.ended, c.taken, c.kept = true, 0, bytes.Buffer{}
	return kept, all
}

// bodyOf is what is shown of a content of which a part was kept.
func bodyOf(content []byte, all int64, encoding string, m mask) Body {
	b := Body{Bytes: all, Truncated: int64(len(content)) < all}
	switch encoding {
	case "", "identity":
	case "gzip":
		content = inflate(content, len(content)*maxInflation)
	default:
		// What cannot be read cannot be searched for credentials.
		b.Note, content = "It is encoded ("+encoding+"), and not kept.", nil
	}
	content = m.bytes(content)
	if text := trimRune(content, b.Truncated); utf8.Valid(text) && !bytes.ContainsRune(text, 0) {
		b.Text = string(text)
	} else {
		b.Base64 = bytes.Clone(content)
	}
	return b
}

// size is what a body takes in memory.
func (b Body) size() int64 { return int64(len(b.Text) + len(b.Base64) + len(b.Note)) }

// maxInflation bounds what a small content can grow to.
const maxInflation = 4

// trimRune leaves out a character that the end of what is kept has cut.
func trimRune(text []byte, truncated bool) []byte {
	for i := 1; truncated && i < utf8.UTFMax && i <= len(text); i++ {
		if start := len(text) - i; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				return text[:start]
			}
			break
		}
	}
	return text
}

// inflate is as much of a compressed content as may be kept, and nothing of what is none.
func inflate(content []byte, limit int) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(reader, int64(limit))) // its end may be cut
	return plain
}

// tapped copies a request's body while it is read.
type tapped struct {
	io.ReadCloser
	capture *capture
}

func (t tapped) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if n > 0 {
		t.capture.write(p[:n])
	}
	return n, err
}
