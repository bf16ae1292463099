package faults

// Remembered is how many answers stale reads can be made of.
func (p *Proxy) Remembered() int { return p.remembered.Len() }

// The bounds of what is remembered.
const (
	MaxRemembered  = maxRemembered
	MaxAnswerBytes = maxAnswerBytes
)
