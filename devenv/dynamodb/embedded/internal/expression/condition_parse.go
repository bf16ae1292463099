package expression

// A node is a condition: an operator over other conditions or over operands.
type node struct {
	operator    string
	left, right *node     // of AND, OR; NOT has left only
	operands    []operand // of the others; a call of a function is a single operand
}

// The operators beside comparisons, which are written as in the text.
const (
	operatorAnd          = "AND"
	operatorOr           = "OR"
	operatorNot          = "NOT"
	operatorBetween      = "BETWEEN"
	operatorIn           = "IN"
	operatorCall         = "call"
	operatorEqual        = "="
	operatorNotEqual     = "<>"
	operatorLess         = "<"
	operatorLessEqual    = "<="
	operatorGreater      = ">"
	operatorGreaterEqual = ">="
	operatorPlus         = "+"
	operatorMinus        = "-"
)

// A term is a condition, or an operand of which it is not yet known to what condition it
// belongs: behind "(a" there may come ") = :b" as well as " = :b)".
type term struct {
	node     *node
	operand  operand
	enclosed bool // in parentheses
}

// parseCondition reads a whole condition.
func (p *parser) parseCondition() (*node, error) {
	root := p.condition(p.disjunction())
	return root, p.finish()
}

// condition makes a condition of a term that must be one here.
func (p *parser) condition(t term) *node {
	switch {
	case t.node != nil:
		return t.node
	case t.operand.call != nil:
		return &node{operator: operatorCall, operands: []operand{t.operand}}
	default:
		p.fail()
		return &node{operator: operatorCall, operands: []operand{{}}}
	}
}

func (p *parser) disjunction() term {
	left := p.conjunction()
	for p.current.kind == tokenOr {
		n := &node{operator: operatorOr, left: p.condition(left)}
		p.step(tokenOr)
		n.right = p.condition(p.conjunction())
		left = term{node: n}
	}
	return left
}

func (p *parser) conjunction() term {
	left := p.negation()
	for p.current.kind == tokenAnd {
		n := &node{operator: operatorAnd, left: p.condition(left)}
		p.step(tokenAnd)
		n.right = p.condition(p.negation())
		left = term{node: n}
	}
	return left
}

// step reads a keyword, unless what stands before it was wrong.
func (p *parser) step(kind tokenKind) {
	if p.current.kind == kind {
		p.advance()
	}
}

func (p *parser) negation() term {
	if p.current.kind != tokenNot {
		return p.comparison()
	}
	p.advance()
	return term{node: &node{operator: operatorNot, left: p.condition(p.negation())}}
}

func (p *parser) comparison() term {
	left := p.primary()
	if left.node != nil {
		return left
	}
	switch p.current.kind {
	case tokenOperator:
		n := &node{operator: p.word(), operands: make([]operand, 2)}
		p.advance()
		n.operands[0], n.operands[1] = left.operand, p.operand()
		return term{node: n}
	case tokenBetween:
		n := &node{operator: operatorBetween, operands: make([]operand, 3)}
		p.advance()
		n.operands[0], n.operands[1] = left.operand, p.operand()
		if p.current.kind != tokenAnd {
			p.fail()
			return term{node: n}
		}
		p.advance()
		n.operands[2] = p.operand()
		return term{node: n}
	case tokenIn:
		p.advance()
		return term{node: &node{operator: operatorIn, operands: append([]operand{left.operand}, p.operands()...)}}
	default:
		return left
	}
}

// primary reads an operand, or a condition or an operand in parentheses.
func (p *parser) primary() term {
	if !p.accept('(') {
		return term{operand: p.bareOperand()}
	}
	t := p.disjunction()
	p.expect(')')
	p.redundant = p.redundant || t.enclosed
	t.enclosed = true
	return t
}
