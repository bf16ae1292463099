package partiql

// A parser reads tokens. Its grammar is that of the PartiQL that DynamoDB uses, without
// what no statement for DynamoDB can have, and its messages are that parser's.
type parser struct {
	tokens     []token
	position   int
	parameters int
	depth      int
}

func (p *parser) head() token { return p.tokens[p.position] }

// after returns the token that many places after the head.
func (p *parser) after(places int) token {
	return p.tokens[min(p.position+places, len(p.tokens)-1)]
}

// take passes over the head and returns it. The end is never passed.
func (p *parser) take() token {
	t := p.head()
	if t.kind != kindEnd {
		p.position++
	}
	return t
}

// accept passes over the head if it is that word.
func (p *parser) accept(text string) bool {
	if !p.head().is(text) {
		return false
	}
	p.take()
	return true
}

// acceptAll passes over some words if all of them come next.
func (p *parser) acceptAll(words ...string) bool {
	for i, word := range words {
		if !p.after(i).is(word) {
			return false
		}
	}
	p.position += len(words)
	return true
}

// tokenNames are the parser's names for what it may expect.
var tokenNames = map[string]string{
	"(": "LEFT_PAREN", ")": "RIGHT_PAREN", "[": "LEFT_BRACKET", "]": "RIGHT_BRACKET",
	"{": "LEFT_CURLY", "}": "RIGHT_CURLY", ">>": "RIGHT_DOUBLE_ANGLE_BRACKET", ":": "COLON",
	"and": "AND", "by": "BY", "as": "AS", "end": "END", "then": "THEN",
}

// expect passes over the head, which has to be that word.
func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return malformed("Expected " + tokenNames[text])
	}
	return nil
}

// statement reads the whole of a statement.
func (p *parser) statement() (*node, error) {
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.accept(";") {
		if p.head().kind != kindEnd {
			return nil, malformed("Unexpected token after semicolon. (Only one query is allowed.)")
		}
		return root, nil
	}
	if p.head().kind != kindEnd {
		return nil, malformed("Unexpected token after expression")
	}
	return root, nil
}

// precedences are the infix operators' from loose to tight.
var precedences = map[string]int{
	"union": 1, "intersect": 1, "except": 1,
	"or":  2,
	"and": 3,
	"not": 4,
	"=":   5, "<>": 5, "is": 5, "is_not": 5, "in": 5, "not_in": 5,
	"<": 6, "<=": 6, ">": 6, ">=": 6, "between": 6, "not_between": 6, "like": 6, "not_like": 6,
	"+": 7, "-": 7, "||": 7,
	"*": 8, "/": 8, "%": 8,
}

// infix returns the operator that stands at the head, which may be of several words, and
// how many there are.
func (p *parser) infix() (operator string, words int) {
	t := p.head()
	switch {
	case t.is("not"):
		if next := p.after(1); next.is("in") || next.is("between") || next.is("like") {
			return "not_" + next.text, 2
		}
		return "", 0
	case t.is("is") && p.after(1).is("not"):
		return "is_not", 2
	case (t.is("union") || t.is("intersect") || t.is("except")) && p.after(1).is("all"):
		return t.text, 2
	case t.is("*"), t.kind == kindOperator && t.text != "@":
		return t.text, 1
	default:
		return "", 0
	}
}

// expression reads operators that bind tighter than a precedence, and their operands.
func (p *parser) expression(looser int) (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, malformed("Expression is nested too deeply")
	}
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		operator, words := p.infix()
		precedence := precedences[operator]
		if words == 0 || precedence <= looser {
			return left, nil
		}
		at := p.head().at
		p.position += words
		left, err = p.operation(left, operator, precedence, at)
		if err != nil {
			return nil, err
		}
	}
}

// operation reads the right side of an operator.
func (p *parser) operation(left *node, operator string, precedence int, at Position) (*node, error) {
	n := &node{kind: nodeOperator, text: operator, at: at, children: []*node{left}}
	var right *node
	var err error
	switch {
	case operator == "is" || operator == "is_not":
		right, err = p.typeName()
	case (operator == "in" || operator == "not_in") && p.head().is("("):
		// One operand in parentheses is a list too.
		right, err = p.list(nodeList, ")")
	default:
		right, err = p.expression(precedence)
	}
	if err != nil {
		return nil, err
	}
	n.children = append(n.children, right)
	if operator == "between" || operator == "not_between" {
		if err := p.expect("and"); err != nil {
			return nil, err
		}
		upper, err := p.expression(precedence)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, upper)
	}
	if (operator == "like" || operator == "not_like") && p.accept("escape") {
		if _, err := p.expression(precedence); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// unary reads an operand with the operators before it.
func (p *parser) unary() (*node, error) {
	t := p.head()
	switch {
	case t.is("not"):
		p.take()
		operand, err := p.expression(precedences["not"])
		if err != nil {
			return nil, err
		}
		return &node{kind: nodeOperator, text: "not", at: t.at, children: []*node{operand}}, nil
	case t.is("+"), t.is("-"):
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > maxDepth {
			return nil, malformed("Expression is nested too deeply")
		}
		p.take()
		operand, err := p.unary()
		if err != nil {
			return nil, err
		}
		// The sign of a number is part of it.
		if operand.kind == nodeNumber {
			signed := *operand
			if t.text == "-" {
				signed.text = negated(operand.text)
			}
			return &signed, nil
		}
		return &node{kind: nodeOperator, text: t.text, at: t.at, children: []*node{operand}}, nil
	default:
		return p.path()
	}
}

func negated(number string) string {
	if number[0] == '-' {
		return number[1:]
	}
	return "-" + number
}

// typeNames are the types that may stand after IS, by their names in messages.
var typeNames = map[string]string{
	"missing": "MISSING", "null": "NULL", "bool": "BOOLEAN", "boolean": "BOOLEAN", "smallint": "SMALLINT",
	"int": "INTEGER", "integer": "INTEGER", "float": "FLOAT", "real": "REAL", "dec": "DECIMAL",
	"decimal": "DECIMAL", "numeric": "NUMERIC", "timestamp": "TIMESTAMP", "date": "DATE", "time": "TIME",
	"char": "CHARACTER", "character": "CHARACTER", "varchar": "CHARACTER_VARYING", "string": "STRING",
	"symbol": "SYMBOL", "clob": "CLOB", "blob": "BLOB", "struct": "STRUCT", "tuple": "TUPLE",
	"list": "LIST", "sexp": "SEXP", "bag": "BAG",
}

func (p *parser) typeName() (*node, error) {
	t := p.head()
	name := typeNames[t.text]
	if t.kind != kindKeyword || name == "" {
		return nil, malformed("Expected type name")
	}
	p.take()
	if p.accept("(") {
		for !p.accept(")") {
			if p.take().kind == kindEnd {
				return nil, malformed("Expected RIGHT_PAREN")
			}
		}
	}
	return &node{kind: nodeType, text: name, at: t.at}, nil
}
