package expression

import (
	"strconv"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// The parameters whose expressions have a grammar of their own.
const (
	updateExpression     = "UpdateExpression"
	projectionExpression = "ProjectionExpression"
)

// Limits of a single expression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxBytes     = 4096
	maxOperators = 300
	maxOperands  = 100 // of IN
	maxDepth     = 32  // of a path
	maxIndex     = 1<<31 - 1
)

// A parser reads one text, by recursive descent. The size limit bounds the recursion.
//
// After a failure the parser stands at the end, where nothing more can be read; so its
// methods go on without looking, and err holds the first failure.
type parser struct {
	parameter string // the request's parameter, with which messages begin
	text      string

	previous, current token
	begun             bool // there is a previous token

	redundant bool      // parentheses directly around parentheses
	index     string    // the first list index that is too large
	elements  []Element // whose room paths are cut out of

	err error
}

// start checks what can be checked before parsing, and makes a parser that stands at the
// first token.
func start(parameter, text string) (*parser, error) {
	p := &parser{parameter: parameter, text: text}
	if text == "" {
		return nil, p.invalid("The expression can not be empty;")
	}
	if len(text) > maxBytes {
		return nil, p.tooLong()
	}
	p.current = next(text, 0)
	return p, nil
}

// tooLong makes the exception for the size limit. DynamoDB tells the size of conditions only.
func (p *parser) tooLong() error {
	const problem = "Expression size has exceeded the maximum allowed size;"
	if p.parameter == updateExpression || p.parameter == projectionExpression {
		return p.invalid(problem)
	}
	return p.invalid(problem+" expression size: %d", len(p.text))
}

// invalid makes the exception that names the parameter.
func (p *parser) invalid(format string, args ...any) error {
	return invalid(p.parameter, format, args...)
}

func invalid(parameter, format string, args ...any) error {
	return exception.Validation("Invalid "+parameter+": "+format, args...)
}

// fail notes that the current token cannot stand where it does.
func (p *parser) fail() {
	if p.err != nil {
		return
	}
	shown, from, to := "<EOF>", 0, len(p.text)
	if p.begun {
		from = p.previous.start
	}
	if p.current.kind != tokenEnd {
		shown, to = p.word(), next(p.text, p.current.end).end
	}
	p.err = p.invalid(`Syntax error; token: "%s", near: "%s"`, shown, p.text[from:to])
	p.current = token{start: len(p.text), end: len(p.text)}
}

// finish checks that everything was read, and says what is wrong.
func (p *parser) finish() error {
	switch {
	case p.err == nil && p.current.kind != tokenEnd:
		p.fail()
	case p.err == nil && p.redundant:
		return p.invalid("The expression has redundant parentheses;")
	}
	return p.err
}

func (p *parser) word() string { return p.text[p.current.start:p.current.end] }

func (p *parser) advance() {
	p.previous, p.begun = p.current, true
	p.current = next(p.text, p.current.end)
}

// is reports whether the current token is a punctuation mark.
func (p *parser) is(mark byte) bool {
	return p.current.kind == tokenPunctuation && p.text[p.current.start] == mark
}

// accept reads a punctuation mark if it is there.
func (p *parser) accept(mark byte) bool {
	if !p.is(mark) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(mark byte) {
	if !p.accept(mark) {
		p.fail()
	}
}

// path reads a document path.
func (p *parser) path() Path {
	if p.elements == nil {
		p.elements = make([]Element, 0, 8)
	}
	begin := len(p.elements)
	p.name()
	for {
		switch {
		case p.accept('.'):
			p.name()
		case p.accept('['):
			p.listIndex()
			p.expect(']')
		default:
			return p.elements[begin:len(p.elements):len(p.elements)]
		}
	}
}

func (p *parser) name() {
	if p.current.kind != tokenIdentifier && p.current.kind != tokenName {
		p.fail()
		return
	}
	p.elements = append(p.elements, Element{Name: p.word()})
	p.advance()
}

func (p *parser) listIndex() {
	if p.current.kind != tokenNumber {
		p.fail()
		return
	}
	index, err := strconv.ParseInt(p.word(), 10, 32)
	if (err != nil || index > maxIndex) && p.index == "" {
		p.index = p.word()
	}
	p.elements = append(p.elements, Element{Index: int(index), IsIndex: true})
	p.advance()
}

// operand reads a path, a value, a call, or one of them in parentheses.
func (p *parser) operand() operand {
	o, _ := p.enclosedOperand()
	return o
}

func (p *parser) enclosedOperand() (o operand, enclosed bool) {
	if p.accept('(') {
		inner, again := p.enclosedOperand()
		p.expect(')')
		p.redundant = p.redundant || again
		return inner, true
	}
	return p.bareOperand(), false
}

func (p *parser) bareOperand() operand {
	switch p.current.kind {
	case tokenValue:
		placeholder := p.word()
		p.advance()
		return operand{placeholder: placeholder}
	case tokenName:
		return operand{path: p.path()}
	case tokenIdentifier:
		name := p.word()
		if after := next(p.text, p.current.end); after.kind != tokenPunctuation || p.text[after.start] != '(' {
			return operand{path: p.path()}
		}
		p.advance()
		return operand{call: &call{name: name, arguments: p.operands()}}
	default:
		p.fail()
		return operand{}
	}
}

// operands reads a list of operands in parentheses.
func (p *parser) operands() []operand {
	p.expect('(')
	list := make([]operand, 0, 2)
	for {
		list = append(list, p.operand())
		if !p.accept(',') {
			break
		}
	}
	p.expect(')')
	return list
}
