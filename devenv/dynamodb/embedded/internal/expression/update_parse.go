package expression

// A section is what a clause of an update does.
type section uint8

const (
	sectionSet section = iota
	sectionRemove
	sectionAdd
	sectionDelete
	sections
)

func (s section) String() string { return [...]string{"SET", "REMOVE", "ADD", "DELETE"}[s] }

// An action changes one path. REMOVE has no value.
type action struct {
	section section
	path    Path
	value   operand
}

// parseUpdate reads a whole update. repeated is the first section that is there twice.
func (p *parser) parseUpdate() (actions []action, repeated string, err error) {
	actions = make([]action, 0, 4)
	var seen [sections]bool
	for first := true; first || p.current.kind != tokenEnd; first = false {
		s, ok := p.section()
		if !ok {
			p.fail()
			break
		}
		if seen[s] && repeated == "" {
			repeated = s.String()
		}
		seen[s] = true
		p.advance()
		for {
			actions = append(actions, p.action(s))
			if !p.accept(',') {
				break
			}
		}
	}
	return actions, repeated, p.finish()
}

func (p *parser) section() (section, bool) {
	switch p.current.kind {
	case tokenSet:
		return sectionSet, true
	case tokenRemove:
		return sectionRemove, true
	case tokenAdd:
		return sectionAdd, true
	case tokenDelete:
		return sectionDelete, true
	default:
		return 0, false
	}
}

func (p *parser) action(s section) action {
	a := action{section: s, path: p.path()}
	switch s {
	case sectionSet:
		if p.current.kind != tokenOperator || p.word() != operatorEqual {
			p.fail()
			return a
		}
		p.advance()
		a.value, _, _ = p.setValue()
	case sectionAdd, sectionDelete:
		if p.current.kind != tokenValue {
			p.fail()
			return a
		}
		a.value = operand{placeholder: p.word()}
		p.advance()
	default: // REMOVE has no value
	}
	return a
}

// setValue reads what SET sets: an operand, or the sum or difference of two.
func (p *parser) setValue() (o operand, enclosed, arithmetic bool) {
	if p.accept('(') {
		var again bool
		o, again, arithmetic = p.setValue()
		p.expect(')')
		p.redundant = p.redundant || again
		enclosed = true
		if arithmetic {
			return o, enclosed, arithmetic
		}
	} else {
		o = p.bareOperand()
	}
	if !p.is('+') && !p.is('-') {
		return o, enclosed, false
	}
	operator := p.word()
	p.advance()
	return operand{call: &call{name: operator, arguments: []operand{o, p.operand()}}}, false, true
}
