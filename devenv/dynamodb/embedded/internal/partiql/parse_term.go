package partiql

import "strings"

// path reads a term and the steps after it.
func (p *parser) path() (*node, error) {
	root, err := p.term()
	if err != nil {
		return nil, err
	}
	var steps []*node
	for {
		t := p.head()
		switch {
		case t.is("."):
			p.take()
			step := p.take()
			switch {
			case step.kind == kindIdentifier, step.kind == kindQuoted:
				steps = append(steps, &node{kind: nodeStep, text: step.text, at: step.at})
			case step.is("*"):
				steps = append(steps, &node{kind: nodeUnpivot, at: step.at})
			default:
				return nil, malformed("Invalid path dot component")
			}
		case t.is("["):
			p.take()
			if star := p.head(); star.is("*") {
				p.take()
				steps = append(steps, &node{kind: nodeWildcard, at: star.at})
			} else {
				index, err := p.expression(0)
				if err != nil {
					return nil, err
				}
				steps = append(steps, &node{kind: nodeIndex, at: index.at, children: []*node{index}})
			}
			if err := p.expect("]"); err != nil {
				return nil, err
			}
		case len(steps) == 0:
			return root, nil
		default:
			return &node{kind: nodePath, at: root.at, children: append([]*node{root}, steps...)}, nil
		}
	}
}

// simplePath reads the path of what is changed: names and indexes only.
func (p *parser) simplePath() (*node, error) {
	if k := p.head().kind; k != kindIdentifier && k != kindQuoted {
		return nil, malformed("Expected identifier for simple path")
	}
	n, err := p.path()
	if err != nil {
		return nil, err
	}
	if n.kind == nodeCall {
		return nil, malformed("Expected identifier for simple path")
	}
	for _, step := range n.children {
		switch step.kind {
		case nodeUnpivot:
			return nil, malformed("Invalid path dot component for simple path")
		case nodeWildcard:
			return nil, malformed("Invalid path component for simple path")
		default:
		}
	}
	return n, nil
}

// term reads what is no operator.
func (p *parser) term() (*node, error) {
	t := p.head()
	switch t.kind {
	case kindIdentifier, kindQuoted:
		p.take()
		if t.kind == kindIdentifier && p.head().is("(") {
			return p.call(t, nodeCall)
		}
		return &node{kind: nodeIdentifier, text: t.text, at: t.at}, nil
	case kindString:
		p.take()
		return &node{kind: nodeString, text: t.text, at: t.at}, nil
	case kindNumber:
		p.take()
		return &node{kind: nodeNumber, text: t.text, at: t.at}, nil
	case kindIon:
		p.take()
		return &node{kind: nodeIon, text: t.text, at: t.at}, nil
	case kindKeyword:
		return p.keyword(t)
	case kindPunctuation:
		return p.punctuation(t)
	case kindOperator:
		if t.is("@") {
			p.take()
			if k := p.head().kind; k != kindIdentifier && k != kindQuoted {
				return nil, malformed("Identifier must follow @-operator")
			}
			return p.term()
		}
		return nil, malformed("Unexpected operator")
	case kindEnd:
	}
	return nil, malformed("Unexpected term")
}

// functionKeywords may be called though they are keywords; aggregates are different for
// PartiQL, though DynamoDB knows none of them.
var (
	functionKeywords = map[string]bool{
		"exists": true, "substring": true, "char_length": true, "character_length": true, "octet_length": true,
		"bit_length": true, "upper": true, "lower": true, "size": true, "nullif": true, "coalesce": true,
		"extract": true, "trim": true, "date_add": true, "date_diff": true,
	}
	aggregateKeywords = map[string]bool{"count": true, "avg": true, "max": true, "min": true, "sum": true}
)

// keyword reads a term that begins with a keyword.
func (p *parser) keyword(t token) (*node, error) {
	switch t.text {
	case "true", "false":
		p.take()
		return &node{kind: nodeBoolean, text: t.text, at: t.at}, nil
	case "null":
		p.take()
		return &node{kind: nodeNull, at: t.at}, nil
	case "missing":
		p.take()
		return &node{kind: nodeMissing, at: t.at}, nil
	case "case":
		return p.caseWhen()
	case "cast":
		return p.cast()
	case "select", "pivot":
		return p.query()
	case "values":
		return p.rows()
	case "create", "drop":
		return p.schemaChange(t)
	case "insert", "set", "remove", "update", "delete", "from":
		return p.dataChange()
	case "exec":
		return nil, malformed("No stored procedure provided")
	}
	call := nodeCall
	if aggregateKeywords[t.text] {
		call = nodeAggregate
	} else if !functionKeywords[t.text] {
		return nil, malformed("Unexpected keyword")
	}
	p.take()
	if !p.head().is("(") {
		return nil, malformed("Unexpected keyword")
	}
	return p.call(t, call)
}

// punctuation reads a term that begins with a sign.
func (p *parser) punctuation(t token) (*node, error) {
	switch t.text {
	case "?":
		p.take()
		p.parameters++
		return &node{kind: nodeParameter, number: p.parameters - 1, at: t.at}, nil
	case "[":
		return p.list(nodeList, "]")
	case "<<":
		return p.list(nodeBag, ">>")
	case "{":
		return p.structure()
	case "(":
		n, err := p.list(nodeList, ")")
		if err != nil {
			return nil, err
		}
		switch len(n.children) {
		case 0:
			return nil, malformed("Expression group cannot be empty")
		case 1:
			return n.children[0], nil
		default:
			return n, nil
		}
	default:
		return nil, malformed("Unexpected term")
	}
}

// list reads expressions with commas between them, in brackets of some kind.
func (p *parser) list(k nodeKind, end string) (*node, error) {
	n := &node{kind: k, at: p.take().at}
	if p.accept(end) {
		return n, nil
	}
	for {
		element, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, element)
		if !p.accept(",") {
			return n, p.expect(end)
		}
	}
}

// structure reads {'name': value, …}.
func (p *parser) structure() (*node, error) {
	n := &node{kind: nodeStruct, at: p.take().at}
	if p.accept("}") {
		return n, nil
	}
	for {
		name, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, name, value)
		if !p.accept(",") {
			return n, p.expect("}")
		}
	}
}

// call reads the arguments of a function.
func (p *parser) call(name token, k nodeKind) (*node, error) {
	if k == nodeAggregate && p.after(1).is("*") && p.after(2).is(")") {
		if name.text != "count" {
			return nil, malformed("Unexpected term")
		}
		p.position += 3
		return &node{kind: k, text: name.text, at: name.at}, nil
	}
	n, err := p.list(k, ")")
	if err != nil {
		return nil, err
	}
	n.text, n.at = strings.ToLower(name.text), name.at
	return n, nil
}

// caseWhen reads CASE … END. DynamoDB knows no such thing, and says so.
func (p *parser) caseWhen() (*node, error) {
	n := &node{kind: nodeCase, text: "SearchedCase", at: p.take().at}
	if !p.head().is("when") {
		n.text = "SimpleCase"
		if _, err := p.expression(0); err != nil {
			return nil, err
		}
		if !p.head().is("when") {
			return nil, malformed("Expected a WHEN clause in CASE")
		}
	}
	for p.accept("when") {
		if _, err := p.expression(0); err != nil {
			return nil, err
		}
		if err := p.expect("then"); err != nil {
			return nil, err
		}
		if _, err := p.expression(0); err != nil {
			return nil, err
		}
	}
	if p.accept("else") {
		if _, err := p.expression(0); err != nil {
			return nil, err
		}
	}
	return n, p.expect("end")
}

// cast reads CAST(value AS type), which DynamoDB does not know either.
func (p *parser) cast() (*node, error) {
	p.take()
	if !p.accept("(") {
		return nil, malformed("Missing left parenthesis after CAST")
	}
	operand, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if err := p.expect("as"); err != nil {
		return nil, err
	}
	if _, err := p.typeName(); err != nil {
		return nil, err
	}
	return &node{kind: nodeCast, at: operand.at}, p.expect(")")
}
