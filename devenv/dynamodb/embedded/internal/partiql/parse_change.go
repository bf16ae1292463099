package partiql

// dataChange reads INSERT, UPDATE, DELETE, and the operations of UPDATE when they stand
// after FROM or alone, as PartiQL allows.
func (p *parser) dataChange() (*node, error) {
	t := p.head()
	n := &node{kind: nodeDataChange, at: t.at, change: &change{}}
	var err error
	switch t.text {
	case "update":
		err = p.update(n.change)
	case "delete":
		err = p.remove(n.change, t.at)
	case "from":
		err = p.fromFirst(n.change)
	default:
		if err = p.operations(n.change); err == nil {
			err = p.returning(n.change)
		}
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (p *parser) update(c *change) error {
	p.take()
	s, err := p.source()
	if err != nil {
		return err
	}
	c.from = &s
	if err := p.operations(c); err != nil {
		return err
	}
	if err := p.where(c); err != nil {
		return err
	}
	return p.returning(c)
}

func (p *parser) remove(c *change, at Position) error {
	p.take()
	if !p.accept("from") {
		return malformed("Expected FROM after DELETE")
	}
	n, err := p.simplePath()
	if err != nil {
		return err
	}
	s := source{expr: n}
	for _, keyword := range []string{"as", "at", "by"} {
		aliased, err := p.alias(keyword)
		if err != nil {
			return err
		}
		s.aliased = s.aliased || aliased
	}
	c.from, c.operations = &s, []*node{{kind: nodeOperator, text: "delete", at: at}}
	if err := p.where(c); err != nil {
		return err
	}
	return p.returning(c)
}

func (p *parser) fromFirst(c *change) error {
	p.take()
	s, err := p.source()
	if err != nil {
		return err
	}
	c.from = &s
	if err := p.where(c); err != nil {
		return err
	}
	if err := p.operations(c); err != nil {
		return err
	}
	return p.returning(c)
}

func (p *parser) where(c *change) (err error) {
	if p.accept("where") {
		c.where, err = p.expression(0)
	}
	return err
}

// operations reads INSERT, SET and REMOVE as long as there are any.
func (p *parser) operations(c *change) error {
	for {
		t := p.head()
		var err error
		switch {
		case t.is("set"):
			err = p.assignments(c)
		case t.is("remove"):
			p.take()
			var path *node
			path, err = p.simplePath()
			c.operations = append(c.operations, &node{kind: nodeOperator, text: "remove", at: t.at, children: []*node{path}})
		case p.acceptAll("insert", "into"):
			err = p.insert(c, t.at)
		case len(c.operations) == 0:
			return malformed("Expected data manipulation")
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// assignments reads SET path = value, ….
func (p *parser) assignments(c *change) error {
	at := p.take().at
	for {
		path, err := p.simplePath()
		if err != nil {
			return err
		}
		if !p.accept("=") {
			return malformed("Expected '='")
		}
		value, err := p.expression(0)
		if err != nil {
			return err
		}
		c.operations = append(c.operations, &node{kind: nodeOperator, text: "set", at: at, children: []*node{path, value}})
		if !p.accept(",") {
			return nil
		}
	}
}

// insert reads what follows INSERT INTO.
func (p *parser) insert(c *change, at Position) error {
	into, err := p.simplePath()
	if err != nil {
		return err
	}
	operation := &node{kind: nodeOperator, text: "insert", at: at, children: []*node{into}}
	if p.accept("value") {
		operation.text = "insert_value"
	}
	value, err := p.expression(0)
	if err != nil {
		return err
	}
	operation.children = append(operation.children, value)
	c.operations = append(c.operations, operation)
	if operation.text == "insert" {
		return nil
	}
	if p.accept("at") {
		if c.position, err = p.expression(0); err != nil {
			return err
		}
		c.position.at = at
	}
	return p.onConflict(c)
}

func (p *parser) onConflict(c *change) error {
	if !p.acceptAll("on", "conflict") {
		return nil
	}
	c.onConflict = true
	if !p.accept("where") {
		return malformed("invalid ON CONFLICT syntax")
	}
	if _, err := p.expression(0); err != nil {
		return err
	}
	if !p.acceptAll("do", "nothing") {
		return malformed("invalid ON CONFLICT syntax")
	}
	return nil
}

// returning reads RETURNING, if it stands there.
func (p *parser) returning(c *change) error {
	if !p.accept("returning") {
		return nil
	}
	for {
		which := p.head()
		age := p.after(1)
		if !(which.is("all") || which.is("modified")) || !(age.is("old") || age.is("new")) {
			return malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.")
		}
		p.position += 2
		r := returned{mapping: which.text + "_" + age.text}
		if p.accept("*") {
			r.star = true
		} else if _, err := p.expression(0); err != nil {
			return err
		}
		c.returning = append(c.returning, r)
		if !p.accept(",") {
			return nil
		}
	}
}

// schemaChange reads CREATE and DROP far enough to say that they are not supported.
func (p *parser) schemaChange(t token) (*node, error) {
	p.take()
	name := "Create"
	if t.text == "drop" {
		name = "Drop"
	}
	switch {
	case p.accept("table"):
		name += "Table"
	case p.accept("index"):
		name += "Index"
	default:
		return nil, malformed("Unexpected token following " + map[string]string{"create": "CREATE", "drop": "DROP"}[t.text])
	}
	for p.head().kind != kindEnd && !p.head().is(";") {
		p.take()
	}
	return &node{kind: nodeUnsupported, text: name, at: t.at}, nil
}
